/**
 * What a client that attaches to a container joins: what the program writes from now on, read from the log, which
 * outlives the cluster as the program does; and the program's input and terminal, if its spec gives it such.
 */
import { Readable, Writable } from 'node:stream'
import type { Container } from 'kubernetes-types/core/v1.js'
import type { LogStream } from '../images/cri-log.ts'
import type { CommandSession } from '../registry/ports.ts'
import type { ContainerInput } from './container-input.ts'
import type { ContainerRun, ContainerRuntime } from './container-runtime.ts'
import { readLog } from './log-reader.ts'

/** Resolves once nothing that is written from now on can be missed. */
export async function attachToRun(
  runtime: ContainerRuntime,
  run: ContainerRun,
  { stdin = false, stdinOnce = false, tty = false }: Container,
): Promise<CommandSession> {
  const input = runtime.openInput(run)
  const typed = stdin && input !== undefined ? writerTo(input, stdinOnce) : undefined
  void run.exited.then(() => {
    input?.close()
    typed?.destroy()
  })
  const left = new AbortController()
  const log = { file: runtime.logFile(run) ?? '', ended: run.exited, signal: left.signal }
  const stdout = await follow(log, 'stdout')
  const stderr = tty ? undefined : await follow(log, 'stderr')
  return {
    ...(typed !== undefined && { stdin: typed }),
    stdout,
    ...(stderr !== undefined && { stderr }),
    // How the container ended stands in the pod, where kubectl looks; an attachment always ends well.
    ended: run.exited.then(() => ({ kind: 'exited', exitCode: 0 })),
    resize: (size) => void input?.resize(size),
    kill: () => {
      left.abort()
      if (typed === undefined) input?.close()
      else typed.end(() => input?.close())
    },
  }
}

interface FollowedLog {
  readonly file: string
  readonly ended: Promise<unknown>
  readonly signal: AbortSignal
}

function follow({ file, ...until }: FollowedLog, stream: LogStream): Promise<Readable> {
  return new Promise((resolve, reject) => {
    const onOpen = (): void => resolve(text)
    const options = { follow: true, timestamps: false, tailLines: 0, stream }
    const text = Readable.from(readLog(file, options, { ...until, onOpen }), { objectMode: false })
    text.once('error', reject)
    // So that it is opened, though nobody reads yet.
    text.read(0)
  })
}

/** With `stdinOnce` the first client that has no more to say has spoken for all. */
function writerTo(input: ContainerInput, stdinOnce: boolean): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      void input.write(chunk).then(() => done())
    },
    final: (done) => {
      const said = stdinOnce ? input.end() : Promise.resolve()
      void said.then(() => done())
    },
  })
}
