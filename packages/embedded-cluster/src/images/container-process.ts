/**
 * What a process of the process runtime does about itself, because the cluster may not be there to do it: it writes its
 * own log, leaves its exit code on disk, and ends when nobody is left to own it.
 */
import { existsSync, renameSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { CriLogWriter, type LogStream } from './cri-log.ts'

/** Files in the directory of one run of one container. The runtime reads what the process writes. */
export const runFiles = {
  log: 'log',
  /** What the process could not put into the log itself: V8 writes its last words straight to the descriptor. */
  lastWords: 'last-words',
  exit: 'exit.json',
  /** A FIFO, for programs that have an input or a terminal: `input-frames.ts`. */
  input: 'input',
} as const

/** `exit.json`: the code outlives both the process and a cluster that was not there to wait for it. */
export interface ExitRecord {
  readonly exitCode: number
  readonly finishedAtMs: number
}

/** Inherited descriptor on which a process says that it has started; absent when it runs as a real container. */
const startedFd = 3

/** A cluster writes this file's time every `heartbeatMs`; one that is gone for `orphanAfterMs` is not coming back. */
export const heartbeat = { file: 'heartbeat', intervalMs: 10_000, orphanAfterMs: 600_000 } as const
const orphanCheckMs = 30_000

export interface ContainerProcess {
  readonly log: CriLogWriter
  /** Tells the runtime that the program does its work now: what it serves, it serves from here on. */
  readonly started: () => void
  /** Where attached clients write, if the runtime has made such a file. */
  readonly inputFile: string
}

export function becomeContainer(runDir: string, heartbeatFile: string): ContainerProcess {
  const log = new CriLogWriter(join(runDir, runFiles.log))
  divertOutput('stdout', log)
  divertOutput('stderr', log)
  process.on('uncaughtException', (error) => {
    process.stderr.write(`${error.stack ?? error.message}\n`)
    process.exit(1)
  })
  process.on('exit', (exitCode) => {
    log.close()
    recordExit(runDir, exitCode)
  })
  endWhenOrphaned(runDir, heartbeatFile)
  return { log, started: tellStarted, inputFile: join(runDir, runFiles.input) }
}

function recordExit(runDir: string, exitCode: number): void {
  if (!existsSync(runDir)) return
  const record: ExitRecord = { exitCode, finishedAtMs: Date.now() }
  const file = join(runDir, runFiles.exit)
  // Renamed into place: a reader never sees half a record.
  writeFileSync(`${file}.tmp`, JSON.stringify(record))
  renameSync(`${file}.tmp`, file)
}

function divertOutput(stream: LogStream, log: CriLogWriter): void {
  const write = (
    chunk: Uint8Array | string,
    encodingOrCallback?: BufferEncoding | ((error?: Error) => void),
    callback?: (error?: Error) => void,
  ): boolean => {
    const encoding = typeof encodingOrCallback === 'string' ? encodingOrCallback : 'utf8'
    log.write(stream, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk)
    const done = typeof encodingOrCallback === 'function' ? encodingOrCallback : callback
    if (done !== undefined) process.nextTick(done)
    return true
  }
  process[stream].write = write
}

function tellStarted(): void {
  try {
    writeSync(startedFd, '1')
  } catch {
    // The cluster died meanwhile. The next one finds this process among the running ones.
  }
}

function endWhenOrphaned(runDir: string, heartbeatFile: string): void {
  const isOrphaned = orphanCheck(runDir, heartbeatFile, Date.now)
  setInterval(() => {
    if (!isOrphaned()) return
    process.stderr.write('The cluster that started this container is gone; ending\n')
    process.exit(1)
  }, orphanCheckMs).unref()
}

/**
 * A process whose directory was removed, or whose cluster has been away for long, would otherwise run until the machine
 * restarts. Two checks in a row: after the machine slept, this process may wake before the cluster does.
 */
export function orphanCheck(
  runDir: string,
  heartbeatFile: string,
  now: () => number,
): () => boolean {
  let strikes = 0
  return () => {
    const beatMs = statSync(heartbeatFile, { throwIfNoEntry: false })?.mtimeMs ?? 0
    const isOwned = existsSync(runDir) && now() - beatMs < heartbeat.orphanAfterMs
    strikes = isOwned ? 0 : strikes + 1
    return strikes >= 2
  }
}
