/**
 * Where the process runtime keeps what belongs to pods. The directory of a run is used once, so it names the run for
 * ever: in the arguments of its process, too.
 *
 *     pods/<uid>/containers/<name>/root/        POD_ROOT: working directory; mounts appear below it
 *     pods/<uid>/containers/<name>/<attempt>/   start.json, input, log, log.1, exit.json, last-words
 *     pods/<uid>/volumes/…
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runFiles, type ExitRecord } from '../images/container-process.ts'
import { CriLogWriter } from '../images/cri-log.ts'
import type { RunKey } from './container-runtime.ts'

type ContainerKey = Omit<RunKey, 'attempt'>

export class PodFiles {
  /** With a slash at the end. */
  readonly prefix: string

  constructor(dir: string) {
    this.prefix = join(dir, 'pods/')
    mkdirSync(this.prefix, { recursive: true })
  }

  podUids(): string[] {
    return readdirSync(this.prefix)
  }

  /** Whose is a path below? */
  podOf(path: string): string {
    return path.slice(this.prefix.length).split('/')[0] ?? ''
  }

  /** Whose is a directory of a container, or of its runs? */
  containerOf(path: string): ContainerKey {
    const [podUid = '', , container = ''] = path.slice(this.prefix.length).split('/')
    return { podUid, container }
  }

  podDir(podUid: string): string {
    return join(this.prefix, podUid)
  }

  removePod(podUid: string): Promise<void> {
    return rm(this.podDir(podUid), { recursive: true, force: true, maxRetries: 3 })
  }

  rootDir(key: ContainerKey): string {
    return join(this.#containerDir(key), 'root')
  }

  runDir(key: RunKey): string {
    return join(this.#containerDir(key), String(key.attempt))
  }

  /** In order. */
  attempts(key: ContainerKey): number[] {
    const dir = this.#containerDir(key)
    const names = existsSync(dir) ? readdirSync(dir) : []
    return names
      .map(Number)
      .filter(Number.isInteger)
      .sort((a, b) => a - b)
  }

  isLastRun(runDir: string): boolean {
    const key = this.containerOf(runDir)
    const attempt = this.attempts(key).at(-1)
    return attempt !== undefined && this.runDir({ ...key, attempt }) === runDir
  }

  #containerDir({ podUid, container }: ContainerKey): string {
    return join(this.podDir(podUid), 'containers', container)
  }
}

/** `start.json`, written before the process exists. */
export interface StartRecord {
  readonly id: string
  readonly startedAtMs: number
  readonly terminationMessagePath: string
  readonly tty?: boolean
}

const startFile = 'start.json'

export function beginRun(runDir: string, start: StartRecord): void {
  rmSync(runDir, { recursive: true, force: true })
  mkdirSync(runDir, { recursive: true })
  writeFileSync(join(runDir, startFile), JSON.stringify(start))
}

export function readStart(runDir: string): StartRecord | undefined {
  return readJson(join(runDir, startFile)) as StartRecord | undefined // `beginRun` wrote it
}

export function readExit(runDir: string): ExitRecord | undefined {
  return readJson(join(runDir, runFiles.exit)) as ExitRecord | undefined // the container's process wrote it
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // Not there, or cut short by a crash of the whole machine.
    return undefined
  }
}

/** More is not a message but a log. */
const maxLastWordsBytes = 16 * 1024

/** V8 and the dynamic loader write past our log; users look for the reason of a crash in the log. */
export function keepLastWords(runDir: string, nowMs: number): void {
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
    const log = new CriLogWriter(join(runDir, runFiles.log), { now: () => nowMs })
    log.write('stderr', words)
    log.close()
  }
  rmSync(taken, { force: true })
}
