/**
 * Containers as processes of this machine: the sample programs, and host commands where that is allowed.
 *
 * A process is started detached, writes its own log and leaves its own exit code (`images/container-process.ts`), so it
 * survives the cluster and is found again by the next one: it carries the directory of its run among its arguments and
 * in POD_ROOT, and that directory is used once. Nothing has to be written *after* a start for the process to be found,
 * so there is no moment at which a crash could lose one.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { heartbeat, runFiles } from '../images/container-process.ts'
import { hostCommandArgs } from '../images/host-command.ts'
import { type Clock, type CommandSession, containerUsageKey } from '../registry/ports.ts'
import { ContainerInput } from './container-input.ts'
import { linkMounts, pathInRoot, readTerminationMessage } from './container-root.ts'
import type {
  CommandRequest,
  ContainerExit,
  ContainerLaunch,
  ContainerRun,
  ContainerRuntime,
  EarlierRun,
  ExecRequest,
  ExecResult,
  LaunchRefusal,
  LaunchVerdict,
  RunKey,
} from './container-runtime.ts'
import { findImage } from './image-catalogue.ts'
import { startHostCommand } from './host-commands.ts'
import {
  beginRun,
  keepLastWords,
  PodFiles,
  readExit,
  readStart,
  type StartRecord,
} from './pod-files.ts'
import { readUsage } from './process-usage.ts'
import { AdoptedHandle, ChildHandle, type ProcessHandle } from './process-handle.ts'
import { findProcesses, isRunning, signalProcess, type FoundProcess } from './processes.ts'
import type { UsageTotal } from './usage-sampler.ts'

export interface ProcessRuntimeOptions {
  readonly dir: string
  /** The bundled `images/main.ts`. */
  readonly program: string
  /** Whether a pod may name a command to run on this machine, with this process's rights. */
  readonly allowHostProcesses: boolean
}

const maxExecOutputBytes = 10 * 1024

/** What a shell says about a process that was killed: 128 + 9. Also what is assumed of one nobody saw ending. */
const killedExitCode = 137

/** Young objects of a sample program die soon; a small nursery keeps many pods small. */
const nodeFlags = ['--max-semi-space-size=2']

export class ProcessRuntime implements ContainerRuntime {
  readonly #clock: Clock
  readonly #options: ProcessRuntimeOptions
  readonly #files: PodFiles
  readonly #heartbeatFile: string
  /** What ran when this cluster started, by run directory. */
  readonly #found: Map<string, FoundProcess>
  readonly #running = new Set<ProcessHandle>()
  #stopHeartbeat: () => void

  constructor(deps: { readonly clock: Clock }, options: ProcessRuntimeOptions) {
    this.#clock = deps.clock
    this.#options = options
    this.#files = new PodFiles(options.dir)
    this.#heartbeatFile = join(options.dir, heartbeat.file)
    this.#found = new Map(this.#processes().map((found) => [this.#runDirOf(found) ?? '', found]))
    this.#stopHeartbeat = this.#beat()
  }

  /** Lets go of what runs; it goes on. */
  close(): void {
    this.#stopHeartbeat()
    for (const process of this.#running) process.release()
  }

  judge({ image = '', command }: { image?: string; command?: readonly string[] }): LaunchVerdict {
    const verdict = findImage(image)
    if (verdict.kind === 'invalid') return unable('InvalidImageName', verdict.message)
    if (verdict.kind === 'unknown') return unable('ErrImagePull', verdict.message)
    const isCommandGiven = command !== undefined && command.length > 0
    if (verdict.kind === 'command' && !isCommandGiven) {
      const message = `the image ${image} runs the pod's command, and this pod has none: set command`
      return unable('CreateContainerError', message)
    }
    if (isCommandGiven && !this.#options.allowHostProcesses) {
      return unable('CreateContainerError', hostCommandRefused(command))
    }
    return { kind: 'able', image: verdict.image }
  }

  async start(launch: ContainerLaunch): Promise<ContainerRun> {
    const runDir = this.#files.runDir(launch)
    const root = this.#files.rootDir(launch)
    const start: StartRecord = {
      id: randomBytes(32).toString('hex'),
      startedAtMs: this.#clock.now(),
      terminationMessagePath: launch.terminationMessagePath,
      ...(launch.tty && { tty: true }),
    }
    linkMounts(root, launch.mounts)
    beginRun(runDir, start)
    if (hasInput(launch)) await makeFifo(join(runDir, runFiles.input))
    const process = new ChildHandle(this.#spawn(launch, runDir, root), this.#clock, (error) =>
      writeFileSync(join(runDir, runFiles.lastWords), `Cannot start: ${error.message}\n`),
    )
    process.send(JSON.stringify({ ...launch.env, POD_ROOT: root }))
    await process.startedOrEnded()
    return this.#run(launch, runDir, start, process)
  }

  recover(podUid: string, container: string): EarlierRun | undefined {
    const attempt = this.#files.attempts({ podUid, container }).at(-1)
    if (attempt === undefined) return undefined
    const key = { podUid, container, attempt }
    const runDir = this.#files.runDir(key)
    const start = readStart(runDir)
    if (start === undefined) return undefined
    const found = this.#found.get(runDir)
    this.#found.delete(runDir)
    if (found === undefined || !isRunning(found)) {
      return { kind: 'exited', exit: this.#exit(key, runDir, start, undefined) }
    }
    return {
      kind: 'running',
      run: this.#run(key, runDir, start, new AdoptedHandle(found, this.#clock)),
    }
  }

  exec(run: RunKey, { command, env, timeoutMs }: ExecRequest): Promise<ExecResult> {
    if (!this.#options.allowHostProcesses) {
      return Promise.resolve({ exitCode: 126, output: hostCommandRefused(command) })
    }
    const [file = '', ...args] = command
    const root = this.#files.rootDir(run)
    const options = {
      cwd: root,
      env: { ...env, POD_ROOT: root },
      timeout: timeoutMs,
      maxBuffer: maxExecOutputBytes,
    }
    return new Promise((resolve) => {
      execFile(file, args, options, (error, stdout, stderr) => {
        const code =
          error === null ? 0 : typeof error.code === 'number' ? error.code : killedExitCode
        resolve({ exitCode: code, output: (stdout + stderr).trim() || (error?.message ?? '') })
      })
    })
  }

  refuseCommand(command: readonly string[]): string | undefined {
    if (this.#options.allowHostProcesses) return undefined
    return (
      `the command ${JSON.stringify(command)} would run on the machine itself, with the rights of whoever started ` +
      `this cluster, which it does not allow: start the cluster with --allow-host-processes`
    )
  }

  openCommand(run: RunKey, request: CommandRequest): Promise<CommandSession> {
    const { command, env, workingDir = '', stdin, tty } = request
    const root = this.#files.rootDir(run)
    const cwd = pathInRoot(root, workingDir)
    mkdirSync(cwd, { recursive: true })
    return startHostCommand({ command, env: { ...env, POD_ROOT: root }, cwd, stdin, tty })
  }

  openInput(key: RunKey): ContainerInput | undefined {
    const fifo = join(this.#files.runDir(key), runFiles.input)
    if (!existsSync(fifo)) return undefined
    try {
      return new ContainerInput(fifo)
    } catch (error) {
      const message = `container "${key.container}" takes no input now: it is just starting, or has ended`
      throw new Error(message, { cause: error })
    }
  }

  /** Of all processes that have a container's environment: what it started, and the commands beside it. */
  usage(): ReadonlyMap<string, UsageTotal> {
    const totals = new Map<string, UsageTotal>()
    for (const { pid, env } of this.#processes()) {
      const used = readUsage(pid)
      const { podUid, container } = this.#files.containerOf(env['POD_ROOT'] ?? '')
      const key = containerUsageKey(podUid, container)
      const { cpuMs, memoryBytes } = totals.get(key) ?? { cpuMs: 0, memoryBytes: 0 }
      if (used === undefined) continue
      totals.set(key, {
        cpuMs: cpuMs + used.cpuMs,
        memoryBytes: memoryBytes + used.memoryBytes,
      })
    }
    return totals
  }

  logFile(key: RunKey): string | undefined {
    const runDir = this.#files.runDir(key)
    return existsSync(runDir) ? join(runDir, runFiles.log) : undefined
  }

  podDir(podUid: string): string {
    return this.#files.podDir(podUid)
  }

  removePod(podUid: string): Promise<void> {
    return this.#files.removePod(podUid)
  }

  async sweep(podUids: ReadonlySet<string>): Promise<void> {
    for (const found of this.#processes()) {
      const runDir = this.#runDirOf(found)
      // What has no run directory is a child of a host command; it may stay as long as its pod does.
      const isWanted =
        podUids.has(this.#files.podOf(runDir ?? found.env['POD_ROOT'] ?? '')) &&
        (runDir === undefined || this.#files.isLastRun(runDir))
      if (!isWanted) signalProcess(found.pid, 'SIGKILL')
    }
    const unknown = this.#files.podUids().filter((uid) => !podUids.has(uid))
    await Promise.all(unknown.map((uid) => this.#files.removePod(uid)))
  }

  prune(key: RunKey): void {
    const old = this.#files.attempts(key).filter((attempt) => attempt < key.attempt - 1)
    for (const attempt of old) {
      rmSync(this.#files.runDir({ ...key, attempt }), { recursive: true, force: true })
    }
  }

  #spawn(launch: ContainerLaunch, runDir: string, root: string): ChildProcess {
    const lastWords = openSync(join(runDir, runFiles.lastWords), 'a')
    const cwd = pathInRoot(root, launch.workingDir ?? '')
    mkdirSync(cwd, { recursive: true })
    const own = ['--run', runDir, '--heartbeat', this.#heartbeatFile]
    try {
      return spawn(
        process.execPath,
        [...nodeFlags, this.#options.program, ...own, ...programOf(launch)],
        {
          // A session of its own: Ctrl-C in the cluster's terminal is not meant for pods, and one signal ends them all.
          detached: true,
          cwd,
          // Not the container's: see `images/main.ts`. By POD_ROOT the process is found again.
          env: { POD_ROOT: root },
          stdio: ['pipe', lastWords, lastWords, 'pipe'],
        },
      )
    } finally {
      closeSync(lastWords)
    }
  }

  #run(key: RunKey, runDir: string, start: StartRecord, process: ProcessHandle): ContainerRun {
    const { podUid, container, attempt } = key
    this.#running.add(process)
    const exited = process.exited.then((code) => {
      this.#running.delete(process)
      return this.#exit(key, runDir, start, code)
    })
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
    keepLastWords(runDir, this.#clock.now())
    if (start.tty === true) this.#endSession(this.#files.rootDir(key))
    const record = readExit(runDir)
    const exitCode = record?.exitCode ?? code ?? killedExitCode
    const message = readTerminationMessage(this.#files.rootDir(key), start.terminationMessagePath)
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

  /** A terminal's session is its own, so no signal to the container's group has reached what ignores a hang-up there. */
  #endSession(root: string): void {
    for (const { pid, env } of this.#processes()) {
      if (env['POD_ROOT'] === root) signalProcess(pid, 'SIGKILL')
    }
  }

  /** Processes of this cluster, whoever started them. */
  #processes(): FoundProcess[] {
    return findProcesses(({ env }) => env['POD_ROOT']?.startsWith(this.#files.prefix) === true)
  }

  /** Undefined for a child of a host command: it has the environment of the container, but is not its process. */
  #runDirOf({ args }: FoundProcess): string | undefined {
    const runDir = args[args.indexOf('--run') + 1]
    return runDir?.startsWith(this.#files.prefix) === true ? runDir : undefined
  }

  #beat(): () => void {
    const now = new Date(this.#clock.now())
    writeFileSync(this.#heartbeatFile, '', { flag: 'a' })
    utimesSync(this.#heartbeatFile, now, now)
    return this.#clock.setTimeout(() => (this.#stopHeartbeat = this.#beat()), heartbeat.intervalMs)
  }
}

/** Node.js has no call for it. */
async function makeFifo(file: string): Promise<void> {
  try {
    await promisify(execFile)('mkfifo', ['-m', '600', file])
  } catch (error) {
    throw new Error('a container with stdin or tty needs the program mkfifo on this machine', {
      cause: error,
    })
  }
}

/** The sample programs read nothing. */
function hasInput(launch: ContainerLaunch): boolean {
  return (launch.stdin || launch.tty) && programOf(launch)[0] === 'exec'
}

function programOf({ image, command, args, stdin, tty }: ContainerLaunch): string[] {
  const verdict = findImage(image)
  return verdict.kind === 'sample' && command === undefined
    ? [verdict.program, ...args]
    : ['exec', ...hostCommandArgs([...(command ?? []), ...args], { stdin, tty })]
}

function unable(reason: LaunchRefusal['reason'], message: string): LaunchVerdict {
  return { kind: 'unable', refusal: { reason, message } }
}

function hostCommandRefused(command: readonly string[]): string {
  return (
    `the command ${JSON.stringify(command)} would run on the machine itself, which this cluster does not allow: ` +
    `leave it out to run the image's own program, or start the cluster with --allow-host-processes`
  )
}
