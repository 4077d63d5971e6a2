import {
  type ChannelStream,
  createSession,
  type LocalHello,
  type OpenRequest,
  type OpenVerdict,
  type Session,
  type SessionEvent,
  type SessionLimits,
} from '../../src/index.ts'
import { TestStream } from './test-stream.ts'
import { idealLink, type LinkShape, VirtualLink } from './virtual-link.ts'
import { seededRandom, VirtualTime } from './virtual-time.ts'

export interface PairOptions {
  readonly link?: LinkShape
  readonly limits?: { readonly a?: Partial<SessionLimits>; readonly b?: Partial<SessionLimits> }
  readonly hello?: { readonly a?: Partial<LocalHello>; readonly b?: Partial<LocalHello> }
  readonly canOpen?: (request: OpenRequest) => OpenVerdict
  /** Called for every stream a opens; left out, b collects them in `accepted` and reads everything. */
  readonly onStream?: (stream: ChannelStream) => void
  /** False: what b reads is counted and forgotten. */
  readonly keepsBytes?: boolean
  readonly seed?: number
}

export interface Side {
  readonly session: Session
  readonly out: VirtualLink
  readonly events: SessionEvent[]
  readonly accepted: TestStream[]
}

/** Two sessions, `a` the dialler and `b` the acceptor, over a virtual path in virtual time. */
export function sessionPair(options: PairOptions = {}): {
  readonly time: VirtualTime
  readonly a: Side
  readonly b: Side
} {
  const time = new VirtualTime()
  const sides: { a?: Side; b?: Side } = {}
  const side = (name: 'a' | 'b', other: 'a' | 'b'): Side => {
    const out = new VirtualLink(time, options.link ?? idealLink, () => sides[other]!.session)
    const events: SessionEvent[] = []
    const accepted: TestStream[] = []
    const session = createSession({
      role: name === 'a' ? 'dialler' : 'acceptor',
      hello: { ...aHello(name), ...options.hello?.[name] },
      transport: out,
      clock: time,
      random: seededRandom((options.seed ?? 0) * 2 + (name === 'a' ? 1 : 2)),
      defer: time.defer,
      limits: options.limits?.[name] ?? {},
      ...(options.canOpen && { canOpen: options.canOpen }),
      onStream: (stream) => {
        if (options.onStream !== undefined) options.onStream(stream)
        else accepted.push(new TestStream(stream, { keepsBytes: options.keepsBytes ?? true }))
      },
      onEvent: (event) => events.push(event),
    })
    out.onDrained = () => session.transportDrained()
    return { session, out, events, accepted }
  }
  sides.a = side('a', 'b')
  sides.b = side('b', 'a')
  return { time, a: sides.a, b: sides.b }
}

/** … and both have read the other's Hello. */
export function upPair(options: PairOptions = {}): ReturnType<typeof sessionPair> {
  const pair = sessionPair(options)
  pair.time.advance(4 * (options.link?.delayMs ?? 0) + 1)
  return pair
}

export function aHello(name: 'a' | 'b'): LocalHello {
  return {
    bootId: (name === 'a' ? 'a' : 'b').repeat(32),
    ...(name === 'a' && { dialSeq: 1 }),
    confirmed: true,
    agentVersion: '0.1.0',
  }
}

export function openStream(
  side: Side,
  header: Uint8Array = new Uint8Array(0),
  isReading = true,
): TestStream {
  const result = side.session.open(header)
  if (result.kind === 'refused') throw new Error(`${result.code}: ${result.message}`)
  return new TestStream(result.stream, { isReading })
}

export function eventsOf<K extends SessionEvent['kind']>(
  side: { readonly events: readonly SessionEvent[] },
  kind: K,
): Extract<SessionEvent, { kind: K }>[] {
  return side.events.filter(
    (event): event is Extract<SessionEvent, { kind: K }> => event.kind === kind,
  )
}
