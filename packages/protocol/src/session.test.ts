import { describe, expect, test } from 'vitest'
import { frameBytes, RawPeer, uint32 } from '../test/support/raw-peer.ts'
import { aHello, eventsOf, openStream, sessionPair, upPair } from '../test/support/session-pair.ts'
import { concat, digest, patternBytes } from '../test/support/virtual-time.ts'
import { decodeGoAway, decodeReset, encodeGoAway, encodeReset } from './farewell.ts'
import { FrameFlag, FrameType } from './frame.ts'
import { encodeHello, type LocalHello } from './hello.ts'
import { defaultLimits } from './limits.ts'
import { PairLoad } from './pair-load.ts'
import { encodeUtf8 } from './utf8.ts'

const header = encodeUtf8('{"kind":"tcp"}')
const nothing = new Uint8Array(0)

describe('the beginning of a session', () => {
  test('both sides are up once each has read the other’s Hello', () => {
    const { a, b } = upPair({ hello: { b: { confirmed: false, features: ['x'] } } })
    expect(a.session.state.kind).toBe('up')
    expect(eventsOf(a, 'up')[0]).toMatchObject({
      version: 1,
      peer: { bootId: 'b'.repeat(32), confirmed: false, features: ['x'], agentVersion: '0.1.0' },
    })
    expect(eventsOf(b, 'up')[0]).toMatchObject({ peer: { bootId: 'a'.repeat(32), dialSeq: 1 } })
  })

  test('no stream is opened before the peer’s Hello', () => {
    const { a } = sessionPair()
    expect(a.session.open(header)).toMatchObject({ kind: 'refused', code: 'NotUp' })
  })

  test.each([
    ['Open', frameBytes(FrameType.Open, 1, header)],
    ['Data', frameBytes(FrameType.Data, 1, header)],
    ['Ping', frameBytes(FrameType.Ping, 0, new Uint8Array(8))],
    ['GoAway', frameBytes(FrameType.GoAway, 0, goAway('Drain'))],
  ])('%s before Hello ends the session', (_name, bytes) => {
    const peer = new RawPeer()
    peer.send(bytes)
    expect(peer.end).toMatchObject({ by: 'local', code: 'ProtocolError' })
    expect(peer.accepted).toEqual([])
  })

  test('without a Hello the session ends after ten seconds', () => {
    const peer = new RawPeer()
    peer.time.advance(9_999)
    expect(peer.end).toBeUndefined()
    peer.time.advance(1)
    expect(peer.end).toMatchObject({ code: 'HelloTimeout' })
    expect(peer.closed).toBe(1)
  })

  test('a Hello in time stops that clock', () => {
    const peer = new RawPeer()
    peer.greet()
    peer.time.advance(10_001)
    expect(peer.session.state.kind).toBe('up')
  })

  test('a second Hello ends the session', () => {
    const peer = new RawPeer()
    peer.greet().greet()
    expect(peer.end).toMatchObject({ code: 'ProtocolError', message: 'A second Hello' })
  })

  test('no common version ends the session and says which versions there are', () => {
    const peer = new RawPeer()
    peer.sendFrame(FrameType.Hello, 0, helloWith({ versions: [7, 8] }))
    expect(peer.end).toMatchObject({ code: 'VersionMismatch' })
    expect(peer.end?.message).toBe('No common protocol version: here 1, there 7, 8')
    expect(decodeGoAway(peer.framesOf(FrameType.GoAway)[0]!.payload)?.code).toBe('VersionMismatch')
  })

  test('versions and fields of the future are no obstacle', () => {
    const peer = new RawPeer()
    peer.sendFrame(FrameType.Hello, 0, helloWith({ versions: [1, 2], mood: { of: 'the day' } }))
    expect(peer.session.state).toMatchObject({ kind: 'up', version: 1 })
  })

  test('a dialler that does not count its dials is refused', () => {
    const peer = new RawPeer()
    peer.sendFrame(FrameType.Hello, 0, helloWith({ dialSeq: undefined }))
    expect(peer.end).toMatchObject({ code: 'HelloInvalid' })
  })

  test('a Hello may arrive byte by byte', () => {
    const peer = new RawPeer()
    for (const byte of frameBytes(FrameType.Hello, 0, helloWith({}))) peer.send(Uint8Array.of(byte))
    expect(peer.session.state.kind).toBe('up')
  })
})

describe('streams', () => {
  test('carry their header and bytes both ways, and close when both directions have', () => {
    const { time, a, b } = upPair()
    const opened = openStream(a, header).send(encodeUtf8('question')).close()
    time.advance(1)
    const accepted = b.accepted[0]!
    expect(accepted.stream.header).toEqual(header)
    expect(accepted.received).toEqual(encodeUtf8('question'))
    expect(accepted.readEnded).toBe(true)
    accepted.send(encodeUtf8('answer')).close()
    time.advance(1)
    expect(opened.received).toEqual(encodeUtf8('answer'))
    expect([opened.outcome, accepted.outcome]).toEqual([{ kind: 'closed' }, { kind: 'closed' }])
    expect(a.session.stats().openStreams + b.session.stats().openStreams).toBe(0)
  })

  test('keep a copy of the header, not the buffer it came in', () => {
    const peer = new RawPeer().greet()
    const wire = Buffer.alloc(64 * 1024)
    wire.set(frameBytes(FrameType.Open, 1, header))
    peer.send(wire.subarray(0, 10 + header.length))
    const kept = peer.accepted[0]!.stream.header
    expect(kept).toEqual(header)
    expect(kept.buffer.byteLength).toBe(header.length)
  })

  test('of both sides have ids of their own', () => {
    const { time, a, b } = upPair()
    const ids = [openStream(a), openStream(b), openStream(a), openStream(b)].map(
      (test) => test.stream.id,
    )
    time.advance(1)
    expect(ids).toEqual([1, 2, 3, 4])
    expect(b.accepted.map((test) => test.stream.id)).toEqual([1, 3])
    expect(a.accepted.map((test) => test.stream.id)).toEqual([2, 4])
  })

  test('a half-closed stream still carries the other direction', () => {
    const { time, a, b } = upPair()
    const opened = openStream(a).close()
    time.advance(1)
    const bytes = patternBytes(300_000)
    b.accepted[0]!.send(bytes)
    time.advance(20)
    expect(digest(opened.received)).toBe(digest(bytes))
    expect(opened.outcome).toBeUndefined()
  })

  test('a reset tells the other side the code and the message, and drops what waits', () => {
    const { time, a, b } = upPair()
    const opened = openStream(a)
    time.advance(1)
    b.accepted[0]!.send(patternBytes(100_000))
    b.accepted[0]!.stream.reset('PolicyChanged', 'The owner closed port 80')
    time.advance(1)
    expect(opened.outcome).toEqual({
      kind: 'reset',
      by: 'peer',
      code: 'PolicyChanged',
      message: 'The owner closed port 80',
    })
    expect(b.accepted[0]!.outcome).toMatchObject({ kind: 'reset', by: 'local' })
    expect(b.session.stats()).toMatchObject({ openStreams: 0, unreadBytes: 0 })
  })

  test('the reader has the last bytes before it hears that the stream is closed', () => {
    const { time, a, b } = upPair()
    openStream(a).send(encodeUtf8('last')).close()
    time.advance(1)
    const stream = b.accepted[0]!.stream
    const story: string[] = []
    stream.handle({
      onReadable: () => story.push('readable'),
      onWritable: () => undefined,
      onClosed: ({ kind }) => story.push(kind),
    })
    stream.close()
    time.advance(1)
    expect(story.at(-1)).toBe('closed')
    expect(story.filter((word) => word === 'closed')).toHaveLength(1)
  })

  test('bytes that come before anyone asks for them wait', () => {
    const { time, a, b } = upPair({ onStream: () => undefined })
    const stream = openStream(a).send(encodeUtf8('early')).close().stream
    time.advance(1)
    expect(b.session.stats().unreadBytes).toBe(5)
    expect(stream.outcome).toBeUndefined()
  })

  test('writing after one’s own close is a mistake of the caller', () => {
    const { a } = upPair()
    const { stream } = openStream(a)
    stream.close()
    expect(() => stream.write(header)).toThrow('after its close')
  })

  test('writing to a stream the peer has reset does nothing', () => {
    const { time, a, b } = upPair()
    const { stream } = openStream(a)
    time.advance(1)
    b.accepted[0]!.stream.reset('Cancelled')
    time.advance(1)
    expect(stream.write(header)).toBe(false)
  })

  test('a handler that throws loses its stream and nothing else', () => {
    const { time, a, b } = upPair({
      onStream: (stream) =>
        stream.handle({
          onReadable: () => {
            throw new Error('bug')
          },
          onWritable: () => undefined,
          onClosed: () => undefined,
        }),
    })
    const opened = openStream(a).send(header)
    time.advance(1)
    expect(opened.outcome).toMatchObject({ kind: 'reset', by: 'peer', code: 'InternalError' })
    expect(eventsOf(b, 'callbackFailed')).toHaveLength(1)
    expect(b.session.state.kind).toBe('up')
  })
})

describe('opening is refused', () => {
  test('by the acceptor’s policy, with its words', () => {
    const { time, a, b } = upPair({
      canOpen: ({ peer }) =>
        peer.confirmed
          ? { kind: 'refuse', code: 'NotConfirmed', message: 'Confirm the peering first' }
          : { kind: 'accept' },
    })
    const opened = openStream(a, header)
    time.advance(1)
    expect(opened.outcome).toEqual({
      kind: 'reset',
      by: 'peer',
      code: 'NotConfirmed',
      message: 'Confirm the peering first',
    })
    expect(b.accepted).toEqual([])
    expect(eventsOf(b, 'openRefused')).toMatchObject([{ code: 'NotConfirmed' }])
  })

  test('a policy that throws refuses', () => {
    const { time, a, b } = upPair({
      canOpen: () => {
        throw new Error('bug')
      },
    })
    const opened = openStream(a, header)
    time.advance(1)
    expect(opened.outcome).toMatchObject({ code: 'InternalError' })
    expect(eventsOf(b, 'callbackFailed')).toHaveLength(1)
  })

  test('at home, when all streams the peer allows are in use, until one ends', () => {
    const { time, a } = upPair({ limits: { b: { maxStreams: 2 } } })
    openStream(a)
    const second = openStream(a)
    expect(a.session.open(header)).toMatchObject({ kind: 'refused', code: 'TooManyStreams' })
    second.stream.reset('Cancelled')
    expect(a.session.open(header).kind).toBe('opened')
    time.advance(1)
    expect(a.session.state.kind).toBe('up')
  })

  test('by the acceptor, when the peer opens more than it was allowed', () => {
    const peer = new RawPeer({ maxStreams: 2 }).greet()
    for (const id of [1, 3, 5]) peer.sendFrame(FrameType.Open, id, header)
    expect(resets(peer)).toEqual([{ streamId: 5, code: 'TooManyStreams' }])
    expect(peer.session.state.kind).toBe('up')
  })

  test('at home, when streams are opened faster than the peer allows, until time has passed', () => {
    const { time, a } = upPair({ limits: { b: { opensPerSecond: 10, openBurst: 3 } } })
    for (let i = 0; i < 3; i += 1) openStream(a)
    expect(a.session.open(header)).toMatchObject({
      kind: 'refused',
      code: 'OpenRateExceeded',
      retryAfterMs: 100,
    })
    time.advance(100)
    expect(a.session.open(header).kind).toBe('opened')
  })

  test('by the acceptor, when the peer opens faster than it was allowed', () => {
    const peer = new RawPeer({ opensPerSecond: 10, openBurst: 1 }).greet()
    peer.sendFrame(FrameType.Open, 1, header).sendFrame(FrameType.Open, 3, header)
    peer.time.advance(100)
    peer.sendFrame(FrameType.Open, 5, header)
    expect(resets(peer)).toEqual([{ streamId: 3, code: 'OpenRateExceeded' }])
  })

  test('when its header is too large', () => {
    const { a } = upPair()
    const large = new Uint8Array(16 * 1024 + 1)
    expect(a.session.open(large)).toMatchObject({ code: 'OpenHeaderTooLarge' })
    const peer = new RawPeer().greet().sendFrame(FrameType.Open, 1, large)
    expect(resets(peer)).toEqual([{ streamId: 1, code: 'OpenHeaderTooLarge' }])
  })

  test('while the connection takes nothing and much waits', () => {
    const peer = new RawPeer({ maxControlBytes: 20_000 }).greet()
    peer.takesBytes = false
    peer.sendFrame(FrameType.Ping, 0, new Uint8Array(8))
    const large = new Uint8Array(16 * 1024)
    expect(peer.session.open(large).kind).toBe('opened')
    expect(peer.session.open(large)).toMatchObject({ kind: 'refused', code: 'Congested' })
  })
})

describe('a peer that breaks the rules', () => {
  const opened = [frameBytes(FrameType.Open, 1, header)]
  test.each([
    ['a stream id of ours', [frameBytes(FrameType.Open, 2, header)]],
    ['stream id 0', [frameBytes(FrameType.Open, 0, header)]],
    ['an id that was used', [...opened, frameBytes(FrameType.Open, 1, header)]],
    ['Data on a stream that never was', [frameBytes(FrameType.Data, 9, header)]],
    ['Data on stream 0', [frameBytes(FrameType.Data, 0, header)]],
    ['Window on a stream that never was', [frameBytes(FrameType.Window, 9, uint32(1))]],
    ['Close on a stream that never was', [frameBytes(FrameType.Close, 2)]],
    [
      'Reset on a stream that never was',
      [frameBytes(FrameType.Reset, 9, encodeReset(cancelled()))],
    ],
    ['Close twice', [...opened, frameBytes(FrameType.Close, 1), frameBytes(FrameType.Close, 1)]],
    [
      'Data after Close',
      [...opened, frameBytes(FrameType.Close, 1), frameBytes(FrameType.Data, 1, header)],
    ],
    ['a Window of three bytes', [frameBytes(FrameType.Window, 0, new Uint8Array(3))]],
    ['an acknowledgement of what was not sent', [frameBytes(FrameType.Window, 0, uint32(1))]],
    ['a Reset without a code', [...opened, frameBytes(FrameType.Reset, 1)]],
    ['a Ping on a stream', [frameBytes(FrameType.Ping, 1, new Uint8Array(8))]],
    ['a Ping of seven bytes', [frameBytes(FrameType.Ping, 0, new Uint8Array(7))]],
    ['a GoAway on a stream', [frameBytes(FrameType.GoAway, 1, goAway('Drain'))]],
    ['a GoAway that cannot be read', [frameBytes(FrameType.GoAway, 0, new Uint8Array(4))]],
  ])('ends the session by %s', (_name, frames) => {
    const peer = new RawPeer().greet()
    for (const bytes of frames) peer.send(bytes)
    expect(peer.end).toMatchObject({ by: 'local', code: 'ProtocolError' })
    expect(decodeGoAway(peer.framesOf(FrameType.GoAway)[0]!.payload)?.code).toBe('ProtocolError')
    expect(peer.closed).toBe(1)
  })

  test('an unknown frame ends the session, unless it may be ignored', () => {
    const peer = new RawPeer().greet()
    peer.sendFrame(0x70, 5, patternBytes(70), FrameFlag.Ignorable)
    peer.sendFrame(0x70, 0, nothing, FrameFlag.Ignorable)
    expect(peer.session.state.kind).toBe('up')
    peer.sendFrame(0x70, 5)
    expect(peer.end).toMatchObject({ code: 'UnknownFrame' })
  })

  test('a frame that announces too much ends the session before its payload comes', () => {
    const peer = new RawPeer().greet()
    peer.send(frameBytes(FrameType.Data, 1, new Uint8Array(64 * 1024 + 1)).subarray(0, 10))
    expect(peer.end).toMatchObject({ code: 'FrameTooLarge' })
  })

  test('frames for a stream that has ended are late, not wrong', () => {
    const peer = new RawPeer().greet().sendFrame(FrameType.Open, 1, header)
    peer.accepted[0]!.stream.reset('Cancelled')
    peer.sendFrame(FrameType.Data, 1, header)
    peer.sendFrame(FrameType.Window, 1, uint32(5))
    peer.sendFrame(FrameType.Close, 1)
    peer.sendFrame(FrameType.Reset, 1, encodeReset(cancelled()))
    expect(peer.session.state.kind).toBe('up')
  })

  test('nothing is looked at after the frame that broke the rules', () => {
    const peer = new RawPeer().greet()
    peer.send(concat([frameBytes(FrameType.Close, 9), frameBytes(FrameType.Open, 1, header)]))
    expect(peer.accepted).toEqual([])
  })

  test('Pings without end, from a peer that reads no answers, end in ControlFlood', () => {
    const peer = new RawPeer({ maxControlBytes: 10_000 }).greet()
    peer.takesBytes = false
    for (let i = 0; i < 2_000 && peer.end === undefined; i += 1) {
      peer.sendFrame(FrameType.Ping, 0, new Uint8Array(8))
    }
    expect(peer.end).toMatchObject({ code: 'ControlFlood' })
  })
})

describe('the end of a session', () => {
  test('tells the peer why, resets all streams and closes the connection', () => {
    const { time, a, b } = upPair()
    const opened = openStream(a)
    time.advance(1)
    b.session.end('PeerRemoved', 'The operator removed this peer', { retryAfterMs: 60_000 })
    time.advance(1)
    expect(eventsOf(a, 'ended')).toEqual([
      {
        kind: 'ended',
        end: {
          by: 'peer',
          code: 'PeerRemoved',
          message: 'The operator removed this peer',
          retryAfterMs: 60_000,
        },
      },
    ])
    expect(opened.outcome).toMatchObject({ kind: 'reset', by: 'session', code: 'SessionEnded' })
    expect(b.accepted[0]!.outcome).toMatchObject({ kind: 'reset', by: 'session' })
    expect(b.events.at(-1)).toMatchObject({ kind: 'ended', end: { by: 'local' } })
  })

  test('a connection that breaks ends everything at once', () => {
    const { time, a } = upPair()
    const opened = openStream(a).send(patternBytes(1_000_000))
    a.session.transportClosed('reset by peer')
    time.advance(1)
    expect(opened.outcome).toMatchObject({
      code: 'SessionEnded',
      message: 'The session ended: TransportClosed: reset by peer',
    })
    expect(eventsOf(a, 'ended')).toHaveLength(1)
    expect(a.session.stats()).toMatchObject({ openStreams: 0, unreadBytes: 0 })
  })

  test('what had come completely can still be read', () => {
    const { time, a, b } = upPair()
    const opened = openStream(a)
    time.advance(1)
    const reader = b.accepted[0]!.close()
    reader.pause()
    opened.send(encodeUtf8('last words')).close()
    time.advance(1)
    b.session.transportClosed()
    expect(reader.outcome).toBeUndefined()
    reader.resume()
    time.advance(1)
    expect(reader.received).toEqual(encodeUtf8('last words'))
    expect(reader.outcome).toEqual({ kind: 'closed' })
    expect(b.session.stats().unreadBytes).toBe(0)
  })

  test('after the end nothing comes in and nothing goes out', () => {
    const { time, a } = upPair()
    a.session.end('Closed', '')
    const writes = a.out.writes
    a.session.receive(frameBytes(FrameType.Open, 2, header))
    a.session.drain()
    a.session.ping()
    a.session.transportDrained()
    time.advance(60_000)
    expect(a.out.writes).toBe(writes)
    expect(a.accepted).toEqual([])
    expect(a.session.open(header)).toMatchObject({ kind: 'refused', code: 'NotUp' })
  })

  test('a sink that throws is no reason to stop', () => {
    const peer = new RawPeer(
      {},
      {
        onEvent: () => {
          throw new Error('bug')
        },
      },
    )
    peer.greet()
    expect(peer.session.state.kind).toBe('up')
  })
})

describe('draining', () => {
  test('is told of once, however often the peer says it', () => {
    const peer = new RawPeer()
    peer.greet()
    for (let i = 0; i < 1_000; i += 1) peer.sendFrame(FrameType.GoAway, 0, goAway('Drain'))
    expect(eventsOf(peer, 'peerDrains')).toHaveLength(1)
  })

  test('lets streams end by themselves, refuses new ones, and ends the session after the last', () => {
    const { time, a, b } = upPair()
    const running = openStream(a).send(encodeUtf8('half'))
    time.advance(1)
    b.session.drain({ message: 'shutdown', retryAfterMs: 2_000 })
    time.advance(1)
    expect(eventsOf(a, 'peerDrains')).toEqual([
      { kind: 'peerDrains', code: 'Drain', message: 'shutdown', retryAfterMs: 2_000 },
    ])
    expect(a.session.open(header)).toMatchObject({ kind: 'refused', code: 'Draining' })
    expect(b.session.open(header)).toMatchObject({ kind: 'refused', code: 'Draining' })
    running.send(encodeUtf8('way')).close()
    b.accepted[0]!.close()
    time.advance(1)
    expect(b.accepted[0]!.received).toEqual(encodeUtf8('halfway'))
    expect(running.outcome).toEqual({ kind: 'closed' })
    expect(a.session.state).toMatchObject({ kind: 'ended', end: { by: 'peer', code: 'Drained' } })
    expect(b.session.state).toMatchObject({ kind: 'ended', end: { by: 'local', code: 'Drained' } })
  })

  test('an Open that crosses the GoAway is answered, not lost with the session', () => {
    const { time, a, b } = upPair({ link: { delayMs: 50, bytesPerMs: 1e9, bufferBytes: 1e9 } })
    b.session.drain()
    time.advance(10)
    const crossing = openStream(a)
    time.advance(500)
    expect(crossing.outcome).toMatchObject({ kind: 'reset', by: 'peer', code: 'Draining' })
    expect(b.session.state).toMatchObject({ kind: 'ended', end: { code: 'Drained' } })
  })

  test('ends after an hour with Drained, whatever still runs', () => {
    const { time, a, b } = upPair()
    const follows = openStream(a)
    time.advance(1)
    b.session.drain({ code: 'Superseded' })
    time.advance(60 * 60 * 1_000 - 2)
    expect(follows.outcome).toBeUndefined()
    time.advance(10)
    expect(follows.outcome).toMatchObject({ kind: 'reset', code: 'Drained' })
    expect(a.session.state.kind).toBe('ended')
  })

  test('asking for a replacement changes nothing else', () => {
    const { time, a, b } = upPair()
    b.session.askToReplace('certificate expires')
    time.advance(1)
    expect(eventsOf(a, 'replaceAsked')).toEqual([
      { kind: 'replaceAsked', message: 'certificate expires' },
    ])
    expect(a.session.open(header).kind).toBe('opened')
  })
})

describe('memory', () => {
  test('of what waits to be sent is shared: of many streams each is told to wait earlier', () => {
    const { a, b } = upPair({
      limits: { a: { maxUnsentBytes: 400_000 }, b: { initialWindowBytes: 0 } },
    })
    const written = (): number => {
      const { stream } = openStream(a)
      for (let sum = 1_000; ; sum += 1_000) if (!stream.write(new Uint8Array(1_000))) return sum
    }
    const all = Array.from({ length: 20 }, written)
    expect(b.session.state.kind).toBe('up')
    expect(all[0]).toBe(132_000)
    expect(all.at(-1)).toBe(20_000)
  })

  test('a stream that was cut with bytes unread is never taken for one that came to its end', () => {
    const peer = new RawPeer()
    peer.isReadingStreams = false
    peer.greet()
    peer.sendFrame(FrameType.Open, 1, header)
    peer.sendFrame(FrameType.Data, 1, encodeUtf8('half of it'))
    peer.sendFrame(FrameType.Close, 1)
    const stream = peer.accepted[0]!.stream
    stream.reset('Cancelled')
    expect([stream.unreadBytes, stream.readEnded]).toEqual([0, false])
  })

  test('a stalled reader stalls its own stream alone', () => {
    const { time, a, b } = upPair()
    const stalled = openStream(a)
    const lively = openStream(a)
    time.advance(1)
    b.accepted[0]!.pause()
    const bytes = patternBytes(3_000_000)
    stalled.send(bytes)
    lively.send(bytes)
    time.advance(100)
    expect(digest(b.accepted[1]!.received)).toBe(digest(bytes))
    expect(b.session.stats().unreadBytes).toBe(defaultLimits.initialWindowBytes)
    b.accepted[0]!.resume()
    time.advance(100)
    expect(digest(b.accepted[0]!.received)).toBe(digest(bytes))
  })

  test('who sends more than was granted is reset, alone', () => {
    const peer = new RawPeer({ initialWindowBytes: 1_000 })
    peer.isReadingStreams = false
    peer.greet().sendFrame(FrameType.Open, 1, header).sendFrame(FrameType.Open, 3, header)
    peer.sendFrame(FrameType.Data, 1, patternBytes(1_000))
    peer.sendFrame(FrameType.Data, 3, patternBytes(1_000))
    expect(resets(peer)).toEqual([])
    peer.sendFrame(FrameType.Data, 1, patternBytes(1))
    expect(resets(peer)).toEqual([{ streamId: 1, code: 'WindowExceeded' }])
    expect(eventsOf(peer, 'streamReset')).toMatchObject([{ streamId: 1 }])
    expect(peer.session.stats()).toMatchObject({ openStreams: 1, unreadBytes: 1_000 })
  })

  test('credit beyond all measure resets the stream', () => {
    const peer = new RawPeer().greet().sendFrame(FrameType.Open, 1, header)
    peer.sendFrame(FrameType.Window, 1, uint32(0xffff_ffff))
    expect(resets(peer)).toEqual([{ streamId: 1, code: 'WindowOverflow' }])
  })

  test('when a session holds all the unread bytes it may, the stream with most of them is reset', () => {
    const peer = new RawPeer({ maxUnreadBytes: 250_000, initialWindowBytes: 128_000 })
    peer.isReadingStreams = false
    peer.greet()
    for (const id of [1, 3, 5]) peer.sendFrame(FrameType.Open, id, header)
    for (const [id, bytes] of [
      [1, 60_000],
      [3, 60_000],
      [3, 60_000],
      [5, 60_000],
    ] as const) {
      peer.sendFrame(FrameType.Data, id, patternBytes(bytes))
    }
    expect(resets(peer)).toEqual([])
    peer.sendFrame(FrameType.Data, 5, patternBytes(20_000))
    expect(resets(peer)).toEqual([{ streamId: 3, code: 'SessionMemoryExceeded' }])
    expect(peer.session.stats().unreadBytes).toBe(140_000)
  })

  test('sessions with one peer hold together no more than two may', () => {
    const load = new PairLoad()
    const limits = { maxUnreadBytes: 100_000, initialWindowBytes: 60_000, maxStreams: 2 }
    const aPeer = (): RawPeer => {
      const peer = new RawPeer(limits, { load })
      peer.isReadingStreams = false
      return peer.greet()
    }
    const fill = (peer: RawPeer, id: number, bytes = 50_000): RawPeer =>
      peer.sendFrame(FrameType.Open, id, header).sendFrame(FrameType.Data, id, patternBytes(bytes))
    const [first, second, third] = [aPeer(), aPeer(), aPeer()]
    for (const id of [1, 3]) for (const peer of [first, second]) fill(peer, id)
    expect([...resets(first), ...resets(second)]).toEqual([])
    expect(resets(fill(third, 1))).toEqual([{ streamId: 1, code: 'TooManyStreams' }])
    first.sendFrame(FrameType.Reset, 3, encodeReset({ code: 'Cancelled', message: '' }))
    expect(resets(fill(third, 3, 50_001))).toEqual([
      { streamId: 1, code: 'TooManyStreams' },
      { streamId: 3, code: 'SessionMemoryExceeded' },
    ])
    expect(load).toMatchObject({ unreadBytes: 150_000 })
    for (const peer of [first, second, third]) peer.session.transportClosed()
    expect(load).toEqual({ unreadBytes: 0, peerStreams: 0, streams: 0 })
  })

  test('streams that are complete but unread still count, for memory and for number', () => {
    const peer = new RawPeer({ maxUnreadBytes: 100_000, initialWindowBytes: 60_000, maxStreams: 3 })
    peer.isReadingStreams = false
    peer.greet()
    for (const id of [1, 3, 5]) {
      peer.sendFrame(FrameType.Open, id, header).sendFrame(FrameType.Data, id, patternBytes(30_000))
      peer.sendFrame(FrameType.Close, id)
      peer.accepted.at(-1)!.close()
      peer.time.settle()
    }
    expect(peer.session.stats()).toMatchObject({ openStreams: 0, unreadBytes: 90_000 })
    peer.sendFrame(FrameType.Open, 7, header)
    expect(resets(peer)).toEqual([{ streamId: 7, code: 'TooManyStreams' }])
    peer.accepted[0]!.resume()
    peer.time.settle()
    peer.sendFrame(FrameType.Open, 9, header).sendFrame(FrameType.Data, 9, patternBytes(20_000))
    expect(peer.session.stats().unreadBytes).toBe(80_000)
    peer.sendFrame(FrameType.Data, 9, patternBytes(25_000))
    expect(peer.accepted.map((test) => test.outcome?.kind)).toEqual([
      'closed',
      undefined,
      undefined,
      'reset',
    ])
  })

  test('a writer is told when to stop and when to go on', () => {
    const { time, a } = upPair()
    const { stream } = openStream(a)
    const half = new Uint8Array(defaultLimits.sendBufferBytes / 2)
    expect(stream.write(half)).toBe(true)
    expect(stream.write(half)).toBe(false)
    let told = 0
    stream.handle({
      onReadable: () => undefined,
      onWritable: () => (told += 1),
      onClosed: () => undefined,
    })
    time.advance(10)
    expect(told).toBe(1)
  })
})

function helloWith(changes: Record<string, unknown>): Uint8Array {
  const hello: LocalHello = aHello('a')
  const plain: unknown = JSON.parse(new TextDecoder().decode(encodeHello(hello, defaultLimits)))
  return encodeUtf8(JSON.stringify(Object.assign({}, plain, changes)))
}

function goAway(code: string): Uint8Array {
  return encodeGoAway({ code, message: '', retryAfterMs: undefined })
}

function cancelled(): { readonly code: string; readonly message: string } {
  return { code: 'Cancelled', message: '' }
}

function resets(peer: RawPeer): { readonly streamId: number; readonly code: string | undefined }[] {
  return peer
    .framesOf(FrameType.Reset)
    .map(({ streamId, payload }) => ({ streamId, code: decodeReset(payload)?.code }))
}
