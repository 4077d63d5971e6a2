import {
  type ChannelStream,
  createSession,
  type Session,
  SessionCode,
  type SessionEvent,
  type StreamOutcome,
} from '../../src/index.ts'
import { readHello } from '../../src/hello.ts'
import { headerBytes } from '../../src/frame.ts'
import { aHello } from '../support/session-pair.ts'
import { concat, VirtualTime } from '../support/virtual-time.ts'
import type { Chance } from './chance.ts'
import { hostileFrames } from './hostile-frames.ts'
import { WireRules } from './wire-rules.ts'

/** Small, so that every bound is met often. */
const limits = {
  maxStreams: 8,
  opensPerSecond: 50,
  openBurst: 20,
  maxOpenHeaderBytes: 200,
  initialWindowBytes: 16_000,
  maxWindowBytes: 64_000,
  maxUnreadBytes: 40_000,
  sendBufferBytes: 8_000,
  maxControlBytes: 6_000,
  minInFlightBytes: 30_000,
  maxInFlightBytes: 60_000,
}

/**
 * A session against a peer that sends anything. It must not throw, not hold more than its limits say, keep to the
 * protocol itself to the last frame, and come to one end with a code that docs/protocol.md names.
 */
export function fuzzSession(chance: Chance): void {
  const frames = hostileFrames(chance)
  const time = new VirtualTime()
  const takesBytes = !chance.oneIn(4)
  const rules = new WireRules({
    name: 'The session',
    parity: 0,
    initialWindowBytes: grantedBy(frames[0]),
  })
  const events: SessionEvent[] = []
  const ends: StreamOutcome[][] = []
  let closed = 0
  const session = createSession({
    role: 'acceptor',
    hello: aHello('b'),
    transport: {
      write: (chunks) => {
        for (const chunk of chunks) rules.wrote(chunk)
        return takesBytes
      },
      close: () => {
        closed += 1
      },
    },
    clock: time,
    random: chance.random,
    defer: time.defer,
    limits,
    onStream: (stream) => ends.push(serve(stream, chance)),
    onEvent: (event) => events.push(event),
  })
  time.settle()
  for (const piece of chance.cut(concat(frames))) {
    rules.arrived(piece)
    session.receive(piece)
    if (chance.oneIn(4)) withinBounds(session)
    if (chance.oneIn(2)) time.settle()
    if (chance.oneIn(10)) time.advance(chance.size(500))
    if (takesBytes && chance.oneIn(3)) session.transportDrained()
  }
  // It answers no Ping and says nothing more: that is the end, if nothing was before.
  time.advance(30_000)
  holds(session.state.kind === 'ended', `The session is ${session.state.kind}`)
  const [end, ...more] = events.filter((event) => event.kind === 'ended')
  holds(end !== undefined && more.length === 0 && events.at(-1) === end, 'It ended once, last')
  if (end?.end.by === 'local') holds(knownCodes.has(end.end.code), `The end is ${end.end.code}`)
  holds(closed === 1, `The transport was closed ${closed} times`)
  holds(!events.some(({ kind }) => kind === 'callbackFailed'), 'No callback failed')
  for (const outcomes of ends) holds(outcomes.length <= 1, 'A stream ends once')
  const { openStreams } = session.stats()
  holds(openStreams === 0, `${openStreams} streams are left`)
}

const knownCodes: ReadonlySet<string> = new Set(Object.values(SessionCode))

/** Some read all, some a little, some nothing; some write, some close, some reset what they do not like. */
function serve(stream: ChannelStream, chance: Chance): StreamOutcome[] {
  const outcomes: StreamOutcome[] = []
  const appetite = chance.pick([0, 1, Number.POSITIVE_INFINITY])
  const temper = chance.below(6)
  let left = chance.size(40_000)
  const pump = (): void => {
    while (left > 0 && stream.outcome === undefined) {
      const bytes = new Uint8Array(Math.min(left, chance.between(1, 5_000)))
      left -= bytes.length
      if (!stream.write(bytes)) return
    }
    if (temper === 0) stream.close()
  }
  stream.handle({
    onReadable: () => {
      for (let reads = 0; reads < appetite; reads += 1) if (stream.read() === undefined) break
      if (temper === 1 && chance.oneIn(3)) stream.reset('Cancelled')
    },
    onWritable: pump,
    onClosed: (outcome) => outcomes.push(outcome),
  })
  if (temper !== 2) pump()
  return outcomes
}

/** What the Hello, if it is one, grants. A story whose Hello comes later or twice grants no more than this. */
function grantedBy(hello: Uint8Array | undefined): number {
  const reading = readHello(hello?.subarray(headerBytes) ?? new Uint8Array(0))
  return reading.kind === 'hello' ? reading.hello.limits.initialWindowBytes : 0x7fff_ffff
}

function withinBounds(session: Session): void {
  const { unreadBytes, inFlightBytes, openStreams } = session.stats()
  holds(unreadBytes >= 0 && unreadBytes <= limits.maxUnreadBytes, `${unreadBytes} bytes unread`)
  holds(openStreams <= limits.maxStreams, `${openStreams} streams open`)
  holds(inFlightBytes <= limits.maxInFlightBytes + headerBytes, `${inFlightBytes} in flight`)
}

function holds(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(what)
}
