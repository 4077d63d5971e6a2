/**
 * Containers as processes of this machine: the sample programs, and host commands where that is allowed.
 *
 * A process is started detached, writes its own log and leaves its own exit code (`images/container-process.ts`), so it
 * survives the cluster and is found again by the next one: each process carries the directory of its run among its
 * arguments and in POD_ROOT, and that directory is used once. Nothing has to be written *after* a start for the
 * process to be found, so there is no moment at which a crash could lose one.
 *
 *     pods/<uid>/containers/<name>/root/        POD_ROOT: working directory, mounts appear below it
 *     pods/<uid>/containers/<name>/<attempt>/   start.json, log, log.1, exit.json, last-words
 *     pods/<uid>/volumes/…
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { constants } from 'node:os'
import { join, normalize } from 'node:path'
import type { Readable } from 'node:stream'
import { heartbeat, runFiles, type ExitRecord } from '../images/container-process.ts'
import { CriLogWriter } from '../images/cri-log.ts'
import type { Clock } from '../registry/ports.ts'
import type {
  ContainerExit,
  ContainerLaunch,
  ContainerRun,
  ContainerRuntime,
  EarlierRun,
  ExecResult,
  LaunchVerdict,
  RunKey,
} from './container-runtime.ts'
import { findImage } from './image-catalogue.ts'
import { linkMounts, readTerminationMessage } from './container-root.ts'
import {
  findProcesses,
  isRunning,
  signalProcess,
  type FoundProcess,
  type ProcessIdentity,
} from './processes.ts'

export interface ProcessRuntimeOptions {
  readonly dir: string
  /** The bundled `images/main.ts`. */
  readonly program: string
  /** Whether a pod may name a command to run on this machine, with this process's rights. */
  readonly allowHostProcesses: boolean
}

/** A program that has not said after this time that it has started counts as started: it may just be slow. */
const startedTimeoutMs = 5_000
/** How often a process that is not our child is looked at. */
const adoptedPollMs = 250
/** More is not a message but a log. */
const maxLastWordsBytes = 16 * 1024
const maxExecOutputBytes = 10 * 1024

/** What the shell says about a process that was killed: 128 + 9. Also what is assumed of one nobody saw ending. */
const killedExitCode = 137

const sampleNodeFlags = ['--max-semi-space-size=2']

export class ProcessRuntime implements ContainerRuntime {
  readonly #clock: Clock
  readonly #options: ProcessRuntimeOptions
  readonly #heartbeatFile: string
  /** What ran when this cluster started, by run directory. */
  readonly #found: Map<string, FoundProcess>
  #stopHeartbeat: () => void

  constructor(deps: { readonly clock: Clock }, options: ProcessRuntimeOptions) {
    this.#clock = deps.clock
    this.#options = options
    mkdirSync(join(options.dir, 'pods'), { recursive: true })
    this.#heartbeatFile = join(options.dir, heartbeat.file)
    this.#found = new Map(this.#processes().flatMap((found) => entryOf(found)))
    this.#stopHeartbeat = this.#beat()
  }

  close(): void {
    this.#stopHeartbeat()
  }

  judge({ image = '', command }: { image?: string; command?: readonly string[] }): LaunchVerdict {
    const verdict = findImage(image)
    if (verdict.kind === 'invalid') return unable('InvalidImageName', verdict.message)
    if (verdict.kind === 'unknown') return unable('ErrImagePull', verdict.message)
    const isCommandGiven = command !== undefined && command.length > 0
    if (verdict.kind === 'command' && !isCommandGiven) {
      return unable(
        'CreateContainerError',
        `the image ${image} runs the pod's command, and this pod has none: set command`,
      )
    }
    if (isCommandGiven && !this.#options.allowHostProcesses) {
      return unable('CreateContainerError', hostCommandRefused(command))
    }
    return { kind: 'able', image: verdict.image }
  }

  async start(launch: ContainerLaunch): Promise<ContainerRun> {
    const runDir = this.#runDir(launch)
    const root = this.#rootDir(launch)
    rmSync(runDir, { recursive: true, force: true })
    mkdirSync(runDir, { recursive: true })
    linkMounts(root, launch.mounts)
    const start: StartRecord = {
      id: randomBytes(32).toString('hex'),
      startedAtMs: this.#clock.now(),
      terminationMessagePath: launch.terminationMessagePath,
    }
    writeFileSync(join(runDir, 'start.json'), JSON.stringify(start))
    const child = this.#spawn(launch, runDir, root)
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      child.once('error', (error) => {
        writeFileSync(join(runDir, runFiles.lastWords), `Cannot start: ${error.message}\n`)
        resolve()
      })
    })
    await this.#startedOrEnded(child, exited)
    const pid = child.pid
    const isAlive = (): boolean => child.exitCode === null && child.signalCode === null
    return this.#run(launch, runDir, start, {
      exited: exited.then(() => endGroup(pid)).then(() => exitCodeOf(child)),
      signal: (signal) => {
        if (pid !== undefined && isAlive()) signalProcess(signal === 'SIGKILL' ? -pid : pid, signal)
      },
    })
  }

  recover(podUid: string, container: string): EarlierRun | undefined {
    const attempt = this.#lastAttempt(podUid, container)
    if (attempt === undefined) return undefined
    const key = { podUid, container, attempt }
    const runDir = this.#runDir(key)
    const start = readStart(runDir)
    if (start === undefined) return undefined
    const found = this.#found.get(runDir)
    this.#found.delete(runDir)
    if (found === undefined || !isRunning(found)) {
      return { kind: 'exited', exit: this.#exit(key, runDir, start, undefined) }
    }
    const run = this.#run(key, runDir, start, {
      exited: this.#watch(found).then(() => undefined),
      signal: (signal) => {
        if (isRunning(found)) signalProcess(signal === 'SIGKILL' ? -found.pid : found.pid, signal)
      },
    })
    return { kind: 'running', run }
  }

  exec(run: ContainerRun, command: readonly string[], timeoutMs: number): Promise<ExecResult> {
    if (!this.#options.allowHostProcesses) {
      return Promise.resolve({ exitCode: 126, output: hostCommandRefused(command) })
    }
    const [file = '', ...args] = command
    const options = { cwd: this.#rootDir(run), timeout: timeoutMs, maxBuffer: maxExecOutputBytes }
    return new Promise((resolve) => {
      execFile(file, args, options, (error, stdout, stderr) => {
        const code =
          error === null ? 0 : typeof error.code === 'number' ? error.code : killedExitCode
        resolve({ exitCode: code, output: (stdout + stderr).trim() || (error?.message ?? '') })
      })
    })
  }

  logFile(key: RunKey): string | undefined {
    const file = join(this.#runDir(key), runFiles.log)
    return existsSync(this.#runDir(key)) ? file : undefined
  }

  podDir(podUid: string): string {
    return join(this.#options.dir, 'pods', podUid)
  }

  removePod(podUid: string): Promise<void> {
    return rm(this.podDir(podUid), { recursive: true, force: true, maxRetries: 3 })
  }

  async sweep(podUids: ReadonlySet<string>): Promise<void> {
    const podOf = (dir: string): string =>
      dir.slice(join(this.#options.dir, 'pods/').length).split('/')[0] ?? ''
    for (const found of this.#processes()) {
      const runDir = runDirOf(found)
      // What has no run directory is a child of a host command whose container is gone.
      const isOurs = runDir !== undefined && podUids.has(podOf(runDir)) && this.#isLastRun(runDir)
      const isDescendant = runDir === undefined && podUids.has(podOf(found.env['POD_ROOT'] ?? ''))
      if (!isOurs && !isDescendant) signalProcess(found.pid, 'SIGKILL')
    }
    const dirs = readdirSync(join(this.#options.dir, 'pods'))
    await Promise.all(dirs.filter((uid) => !podUids.has(uid)).map((uid) => this.removePod(uid)))
  }

  prune({ podUid, container, attempt }: RunKey): void {
    const old = this.#attempts(podUid, container).filter((one) => one < attempt - 1)
    for (const one of old)
      rmSync(this.#runDir({ podUid, container, attempt: one }), { recursive: true, force: true })
  }

  #spawn(launch: ContainerLaunch, runDir: string, root: string): ChildProcess {
    const lastWords = openSync(join(runDir, runFiles.lastWords), 'a')
    const verdict = findImage(launch.image)
    const isSample = verdict.kind === 'sample' && launch.command === undefined
    const cwd = join(root, normalize(`/${launch.workingDir ?? ''}`))
    mkdirSync(cwd, { recursive: true })
    const what = isSample
      ? [verdict.program, ...launch.args]
      : ['exec', ...(launch.command ?? []), ...launch.args]
    const argv = [
      ...sampleNodeFlags,
      this.#options.program,
      '--run',
      runDir,
      '--heartbeat',
      this.#heartbeatFile,
      ...what,
    ]
    try {
      return spawn(process.execPath, argv, {
        // A session of its own: Ctrl-C in the cluster's terminal is not meant for pods, and one signal ends them all.
        detached: true,
        cwd,
        env: { ...launch.env, POD_ROOT: root },
        stdio: ['ignore', lastWords, lastWords, 'pipe'],
      })
    } finally {
      closeSync(lastWords)
    }
  }

  /** The program writes a byte to descriptor 3; if it ends before, the descriptor closes. */
  async #startedOrEnded(child: ChildProcess, exited: Promise<void>): Promise<void> {
    const pipe = child.stdio[3] as Readable // the spawn options above ask for a pipe
    let cancel = (): void => undefined
    const timeout = new Promise<void>(
      (resolve) => (cancel = this.#clock.setTimeout(resolve, startedTimeoutMs)),
    )
    const said = new Promise<void>((resolve) => {
      pipe.once('data', () => resolve())
      pipe.once('close', () => resolve())
      pipe.once('error', () => resolve())
    })
    await Promise.race([said, exited, timeout])
    cancel()
    pipe.destroy()
    child.unref()
  }

  #run(key: RunKey, runDir: string, start: StartRecord, process: ProcessHandle): ContainerRun {
    const { podUid, container, attempt } = key
    const exited = process.exited.then((code) => this.#exit(key, runDir, start, code))
    let cancelKill = (): void => undefined
    void exited.then(() => cancelKill())
    const stop = (graceMs: number): Promise<ContainerExit> => {
      cancelKill()
      process.signal(graceMs > 0 ? 'SIGTERM' : 'SIGKILL')
      if (graceMs > 0) cancelKill = this.#clock.setTimeout(() => process.signal('SIGKILL'), graceMs)
      return exited
    }
    return {
      podUid,
      container,
      attempt,
      id: start.id,
      startedAtMs: start.startedAtMs,
      exited,
      stop,
    }
  }

  /** What the process left on disk is the truth; `code` is what we saw, if we were there to see it. */
  #exit(key: RunKey, runDir: string, start: StartRecord, code: number | undefined): ContainerExit {
    this.#keepLastWords(runDir)
    const record = readExit(runDir)
    const exitCode = record?.exitCode ?? code ?? killedExitCode
    const message = readTerminationMessage(this.#rootDir(key), start.terminationMessagePath)
    return {
      id: start.id,
      attempt: key.attempt,
      exitCode,
      reason: exitCode === 0 ? 'Completed' : 'Error',
      ...(message !== undefined && { message }),
      startedAtMs: start.startedAtMs,
      finishedAtMs: record?.finishedAtMs ?? this.#clock.now(),
    }
  }

  /** V8 and the dynamic loader write past our log; users look for the reason of a crash in the log. */
  #keepLastWords(runDir: string): void {
    const file = join(runDir, runFiles.lastWords)
    const taken = `${file}.taken`
    try {
      // Renamed first: after a crash in between, the words are missing rather than doubled.
      renameSync(file, taken)
    } catch {
      return
    }
    const words = readFileSync(taken).subarray(-maxLastWordsBytes)
    if (words.length > 0) {
      const log = new CriLogWriter(join(runDir, runFiles.log), { now: () => this.#clock.now() })
      log.write('stderr', words)
      log.close()
    }
    rmSync(taken, { force: true })
  }

  async #watch(process: ProcessIdentity): Promise<void> {
    while (isRunning(process)) {
      await new Promise<void>((resolve) => this.#clock.setTimeout(resolve, adoptedPollMs))
    }
  }

  /** Processes of this cluster, whoever started them. */
  #processes(): FoundProcess[] {
    const prefix = join(this.#options.dir, 'pods/')
    return findProcesses(({ env }) => env['POD_ROOT']?.startsWith(prefix) === true)
  }

  #isLastRun(runDir: string): boolean {
    const [podUid = '', , container = ''] = runDir
      .slice(join(this.#options.dir, 'pods/').length)
      .split('/')
    const attempt = this.#lastAttempt(podUid, container)
    return attempt !== undefined && this.#runDir({ podUid, container, attempt }) === runDir
  }

  #beat(): () => void {
    const now = new Date(this.#clock.now())
    writeFileSync(this.#heartbeatFile, '', { flag: 'a' })
    utimesSync(this.#heartbeatFile, now, now)
    return this.#clock.setTimeout(() => (this.#stopHeartbeat = this.#beat()), heartbeat.intervalMs)
  }

  #rootDir({ podUid, container }: Omit<RunKey, 'attempt'>): string {
    return join(this.podDir(podUid), 'containers', container, 'root')
  }

  #runDir({ podUid, container, attempt }: RunKey): string {
    return join(this.podDir(podUid), 'containers', container, String(attempt))
  }

  #lastAttempt(podUid: string, container: string): number | undefined {
    return this.#attempts(podUid, container).at(-1)
  }

  #attempts(podUid: string, container: string): number[] {
    const dir = join(this.podDir(podUid), 'containers', container)
    if (!existsSync(dir)) return []
    return readdirSync(dir)
      .map(Number)
      .filter(Number.isInteger)
      .sort((a, b) => a - b)
  }
}

interface ProcessHandle {
  /** The exit code, if anybody saw it. */
  readonly exited: Promise<number | undefined>
  readonly signal: (signal: 'SIGTERM' | 'SIGKILL') => void
}

/** `start.json`, written before the process exists. */
interface StartRecord {
  readonly id: string
  readonly startedAtMs: number
  readonly terminationMessagePath: string
}

function readStart(runDir: string): StartRecord | undefined {
  return readJson(join(runDir, 'start.json')) as StartRecord | undefined // written by `start` above
}

function readExit(runDir: string): ExitRecord | undefined {
  return readJson(join(runDir, runFiles.exit)) as ExitRecord | undefined // written by the container's process
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // Not there, or cut short by a crash of the whole machine.
    return undefined
  }
}

function entryOf(found: FoundProcess): [string, FoundProcess][] {
  const runDir = runDirOf(found)
  return runDir === undefined ? [] : [[runDir, found]]
}

function runDirOf({ args }: FoundProcess): string | undefined {
  const at = args.indexOf('--run')
  return at < 0 ? undefined : args[at + 1]
}

/** Children that a host command left behind; they are in the session that the container's process led. */
function endGroup(pid: number | undefined): void {
  if (pid !== undefined) signalProcess(-pid, 'SIGKILL')
}

function exitCodeOf({ exitCode, signalCode }: ChildProcess): number | undefined {
  if (exitCode !== null) return exitCode
  return signalCode === null ? undefined : 128 + constants.signals[signalCode]
}

function unable(
  reason: 'ErrImagePull' | 'InvalidImageName' | 'CreateContainerError',
  message: string,
): LaunchVerdict {
  return { kind: 'unable', refusal: { reason, message } }
}

function hostCommandRefused(command: readonly string[]): string {
  return (
    `the command ${JSON.stringify(command)} would run on the machine itself, which this cluster does not allow: ` +
    `leave it out to run the image's own program, or start the cluster with --allow-host-processes`
  )
}
