import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { errorCodes, PorpulsionError, type ErrorKind } from '@porpulsion/contract'
import { StreamCode, type Session, type StreamOutcome } from '@porpulsion/protocol'
import { onAbort, sessionOver, spliceStream, whenConnected } from '@porpulsion/streams'
import type { AgentConnection } from '../client/client.ts'
import { version } from '../version.ts'

/** Ways to the connections of one port of an app, all over one WebSocket. */
export interface PortSession {
  /**
   * Carries a local connection on, each direction with an end of its own; what breaks it on the way or at the other side
   * resets it. `local` is paused. Resolves once the connection at the pod stands, rejects if it cannot, `local` untouched.
   */
  carry(local: Socket): Promise<CarriedConnection>
  /** Ends what is open. */
  close(): void
}

export interface CarriedConnection {
  /** When it is over: what broke it, if something did on the way or at the other side. */
  readonly ended: Promise<PorpulsionError | undefined>
}

/** The WebSocket is opened when it is first needed, and anew when the one before has ended. */
export function createPortSession(connect: () => Promise<AgentConnection>): PortSession {
  const ending = new AbortController()
  let current: Promise<Dialled> | undefined

  async function session(): Promise<Dialled> {
    if (current !== undefined) return await current
    const forget = (): void => {
      if (current === dialled) current = undefined
    }
    const dialled = dial(connect, ending.signal, forget)
    current = dialled
    dialled.catch(forget)
    return await dialled
  }

  return {
    async carry(local) {
      const { opener, whyEnded } = await session()
      if (local.destroyed) throw localGone()
      const toError = (outcome: Reset): PorpulsionError =>
        outcome.by === 'session' ? whyEnded() : errorOf(outcome)
      const opened = opener.open(new Uint8Array(0))
      if (opened.kind === 'refused') throw errorOf({ ...opened, kind: 'reset', by: 'session' })
      const { stream } = opened
      const gone = new AbortController()
      const leave = (): void => gone.abort(localGone())
      local.once('close', leave)
      const first = await whenConnected(stream, toError, gone.signal)
      local.off('close', leave)
      if (first.length > 0) local.write(first)
      const ended = new Promise<PorpulsionError | undefined>((resolve) => {
        spliceStream(stream, local, (outcome) => {
          const isOurs = outcome.kind === 'closed' || outcome.by === 'local'
          resolve(isOurs ? undefined : toError(outcome))
        })
      })
      local.resume()
      return { ended }
    },
    close: () => ending.abort(),
  }
}

type Reset = Extract<StreamOutcome, { kind: 'reset' }>

interface Dialled {
  readonly opener: Pick<Session, 'open'>
  readonly whyEnded: () => PorpulsionError
}

/** Resolves once streams may be opened. */
async function dial(
  connect: () => Promise<AgentConnection>,
  ending: AbortSignal,
  onEnded: () => void,
): Promise<Dialled> {
  const { bytes, whyEnded } = await connect()
  const forget = onAbort(ending, () => bytes.destroy())
  bytes.once('close', forget)
  return await new Promise((resolve, reject) => {
    const opener = sessionOver(bytes, {
      role: 'dialler',
      hello: {
        bootId: randomBytes(16).toString('hex'),
        dialSeq: 1,
        confirmed: true,
        agentVersion: version,
      },
      // The agent has nothing to open here.
      onStream: (stream) => stream.reset(StreamCode.Refused),
      onEvent: (event) => {
        if (event.kind === 'up') resolve({ opener, whyEnded })
        if (event.kind !== 'ended') return
        onEnded()
        reject(whyEnded())
      },
    })
  })
}

const localGone = (): PorpulsionError =>
  new PorpulsionError('Aborted', 'RequestAborted', 'The local connection is gone')

/** In the agent's words, which name the peer where it is the peer who says no. */
function errorOf({ code, message }: Reset): PorpulsionError {
  const known: Readonly<Record<string, { readonly kind: ErrorKind }>> = errorCodes
  const kind = Object.hasOwn(known, code) ? known[code]?.kind : undefined
  return kind === undefined
    ? new PorpulsionError(
        'Unavailable',
        'AgentUnreachable',
        `The agent ended it: ${code} ${message}`,
      )
    : new PorpulsionError(kind, code, message)
}
