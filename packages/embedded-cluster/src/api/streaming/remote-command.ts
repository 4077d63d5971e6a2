/** Joins a command with a client, whatever carries the client's streams. */
import type { Readable, Writable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import type { Status } from 'kubernetes-types/meta/v1.js'
import type { CommandEnd, CommandSession, TerminalSize } from '../../registry/ports.ts'

export interface WantedStreams {
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
}

/** The streams a client asked for. Each holds back the writer when the client does not read. */
export interface RemoteStreams {
  readonly stdin?: Readable
  readonly stdout?: Writable
  readonly stderr?: Writable
  onResize(listener: (size: TerminalSize) => void): void
  /** Aborted when the client is gone. */
  readonly gone: AbortSignal
  /** Tells how it ended, and ends the connection. */
  finish(status: Status): Promise<void>
}

/** Resolves once the command has ended and the client knows; a client that goes ends the command. */
export async function joinCommand(session: CommandSession, remote: RemoteStreams): Promise<void> {
  if (remote.gone.aborted) session.kill()
  remote.gone.addEventListener('abort', () => session.kill())
  remote.onResize((size) => session.resize(size))
  if (remote.stdin !== undefined) feed(remote.stdin, session.stdin)
  await Promise.all([
    drain(session.stdout, remote.stdout, remote.gone),
    drain(session.stderr, remote.stderr, remote.gone),
  ])
  await remote.finish(statusOf(await session.ended))
}

/** A command that has stopped reading must not hold up what else comes over the connection: the rest is dropped. */
function feed(from: Readable, to: Writable | undefined): void {
  const drop = (): void => {
    from.resume()
  }
  if (to === undefined) {
    drop()
    return
  }
  to.on('error', drop)
  to.on('close', drop)
  from.on('error', () => to.destroy())
  from.pipe(to)
}

/** Resolves once the client's machine has all of it: what tells how the command ended must not overtake it. */
async function drain(
  from: Readable | undefined,
  to: Writable | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (to === undefined) {
    from?.on('error', () => undefined)
    from?.resume()
    return
  }
  // Either fails when the client is gone, and `gone` says so, or the command could not be started, which its end says.
  if (from !== undefined) await pipeline(from, to, { end: false, signal }).catch(toldElsewhere)
  to.end()
  await finished(to, { readable: false }).catch(toldElsewhere)
}

const toldElsewhere = (): void => undefined

function statusOf(end: CommandEnd): Status {
  if (end.kind === 'failed') {
    return failure({ message: end.message, reason: 'InternalError', code: 500 })
  }
  const { exitCode } = end
  if (exitCode === 0) return { metadata: {}, status: 'Success' }
  return failure({
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  })
}

function failure(status: Status): Status {
  return { metadata: {}, status: 'Failure', ...status }
}
