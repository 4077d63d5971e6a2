import { describe, expect, onTestFinished, test } from 'vitest'
import {
  createSession,
  type OpenRequest,
  type OpenVerdict,
  type Session,
  type SessionEvent,
} from '../../src/index.ts'
import { encodeUtf8 } from '../../src/utf8.ts'
import {
  type Connection,
  type ConnectionPair,
  realClock,
  realDefer,
  realRandom,
} from '../support/real-transports.ts'
import { aHello } from '../support/session-pair.ts'
import { TestStream } from '../support/test-stream.ts'
import { digest, patternBytes } from '../support/virtual-time.ts'

const MiB = 1024 * 1024

/** What a session promises on any connection. Run it over every kind of connection there is. */
export function describeSession(
  name: string,
  makePair: () => ConnectionPair | Promise<ConnectionPair>,
): void {
  describe(`a session over ${name}`, () => {
    test('comes up on both sides and proves itself by a Ping', async () => {
      const { a, b } = await linked(makePair)
      for (const end of [a, b]) expect((await end.event('answered')).first).toBe(true)
      expect((await a.event('up')).peer.bootId).toBe('b'.repeat(32))
      expect((await b.event('up')).peer.bootId).toBe('a'.repeat(32))
    })

    test('carries megabytes both ways at once, and half-closes', async () => {
      const { a, b } = await linked(makePair)
      const there = patternBytes(8 * MiB, 1)
      const back = patternBytes(5 * MiB, 2)
      const opened = a.open('both ways').send(there).close()
      const accepted = (await b.accepted(0)).send(back)
      expect(digest(await accepted.all())).toBe(digest(there))
      expect(accepted.outcome).toBeUndefined()
      accepted.close()
      expect(digest(await opened.all())).toBe(digest(back))
      await opened.until((stream) => stream.outcome !== undefined)
      expect(opened.outcome).toEqual({ kind: 'closed' })
    })

    test('keeps a hundred parallel streams apart', async () => {
      const { a, b } = await linked(makePair)
      const bodies = Array.from({ length: 100 }, (_, i) => patternBytes(150_000 + i, i))
      const opened = bodies.map((body, i) =>
        a
          .open(`stream ${i}`)
          .send(body, 1_000 + i)
          .close(),
      )
      const accepted = await Promise.all(bodies.map((_, i) => b.accepted(i)))
      for (const [i, stream] of accepted.entries()) {
        expect(stream.stream.header).toEqual(encodeUtf8(`stream ${i}`))
        const body = await stream.all()
        expect(digest(body)).toBe(digest(bodies[i]!))
        stream.send(body).close()
      }
      for (const [i, stream] of opened.entries()) {
        expect(digest(await stream.all())).toBe(digest(bodies[i]!))
      }
    })

    test('keeps ten thousand small writes in order', async () => {
      const { a, b } = await linked(makePair)
      const bytes = patternBytes(100_000, 3)
      a.open('small').send(bytes, 10).close()
      expect(digest(await (await b.accepted(0)).all())).toBe(digest(bytes))
    })

    test('carries empty streams', async () => {
      const { a, b } = await linked(makePair)
      const opened = a.open('').close()
      const accepted = await b.accepted(0)
      expect((await accepted.all()).length).toBe(0)
      accepted.close()
      await opened.until((stream) => stream.outcome !== undefined)
      expect(opened.outcome).toEqual({ kind: 'closed' })
    })

    test('opens streams from the acceptor’s side as well', async () => {
      const { a, b } = await linked(makePair)
      b.open('from b').send(encodeUtf8('hello a')).close()
      expect(await (await a.accepted(0)).all()).toEqual(encodeUtf8('hello a'))
    })

    test('tells a refusal in the refuser’s words', async () => {
      const { a } = await linked(makePair, () => ({
        kind: 'refuse',
        code: 'NotConfirmed',
        message: 'Confirm first',
      }))
      const opened = a.open('anything')
      await opened.until((stream) => stream.outcome !== undefined)
      expect(opened.outcome).toEqual({
        kind: 'reset',
        by: 'peer',
        code: 'NotConfirmed',
        message: 'Confirm first',
      })
    })

    test('resets one stream in full flow and no other', async () => {
      const { a, b } = await linked(makePair)
      const doomed = a.open('doomed').send(patternBytes(4 * MiB))
      const bytes = patternBytes(2 * MiB, 4)
      a.open('other').send(bytes).close()
      ;(await b.accepted(0)).stream.reset('Cancelled', 'the browser went away')
      await doomed.until((stream) => stream.outcome !== undefined)
      expect(doomed.outcome).toMatchObject({ by: 'peer', code: 'Cancelled' })
      expect(digest(await (await b.accepted(1)).all())).toBe(digest(bytes))
    })

    test('stalls only the stream whose reader stalls', async () => {
      const { a, b } = await linked(makePair)
      const stalled = a.open('stalled')
      const stalledReader = await b.accepted(0)
      stalledReader.pause()
      const bytes = patternBytes(3 * MiB, 5)
      stalled.send(bytes).close()
      a.open('lively').send(bytes).close()
      expect(digest(await (await b.accepted(1)).all())).toBe(digest(bytes))
      expect(stalledReader.receivedBytes).toBe(0)
      stalledReader.resume()
      expect(digest(await stalledReader.all())).toBe(digest(bytes))
    })

    test('drains: what runs may finish, then both sides end', async () => {
      const { a, b } = await linked(makePair)
      const running = a.open('running').send(encodeUtf8('half'))
      const accepted = await b.accepted(0)
      b.session.drain({ message: 'shutdown', retryAfterMs: 1_000 })
      expect(await a.event('peerDrains')).toMatchObject({ code: 'Drain', retryAfterMs: 1_000 })
      expect(a.session.open(encodeUtf8('late'))).toMatchObject({ code: 'Draining' })
      running.send(encodeUtf8('way')).close()
      accepted.close()
      expect(await accepted.all()).toEqual(encodeUtf8('halfway'))
      for (const end of [a, b]) expect((await end.event('ended')).end.code).toBe('Drained')
      expect(running.outcome).toEqual({ kind: 'closed' })
    })

    test('ends with a goodbye that arrives', async () => {
      const { a, b } = await linked(makePair)
      const opened = a.open('anything')
      await b.accepted(0)
      b.session.end('PeerRemoved', 'removed by its operator', { retryAfterMs: 5_000 })
      expect((await a.event('ended')).end).toEqual({
        by: 'peer',
        code: 'PeerRemoved',
        message: 'removed by its operator',
        retryAfterMs: 5_000,
      })
      expect(opened.outcome).toMatchObject({ by: 'session', code: 'SessionEnded' })
    })

    test('ends on both sides when the connection breaks, with all its streams', async () => {
      const { a, b, dialler } = await linked(makePair)
      const opened = a.open('long').send(patternBytes(2 * MiB))
      await b.accepted(0)
      dialler.cut()
      for (const end of [a, b]) expect((await end.event('ended')).end.by).toBe('transport')
      expect(opened.outcome).toMatchObject({ kind: 'reset', by: 'session' })
      expect((await b.accepted(0)).outcome).toMatchObject({ kind: 'reset', by: 'session' })
    })

    test('refuses what is no frame, with a goodbye', async () => {
      const { a, b, dialler } = await linked(makePair)
      await a.event('up')
      dialler.transport.write([encodeUtf8('GET / HTTP/1.1\r\n\r\n')])
      expect((await b.event('ended')).end).toMatchObject({ by: 'local', code: 'UnknownFrame' })
      expect((await a.event('ended')).end).toMatchObject({ by: 'peer', code: 'UnknownFrame' })
    })
  })
}

/** One side: the session, and what happened on it, to be waited for. */
class End {
  readonly session: Session
  readonly #events: SessionEvent[] = []
  readonly #streams: TestStream[] = []
  #waiters: (() => void)[] = []

  constructor(
    name: 'a' | 'b',
    connection: Connection,
    canOpen: (request: OpenRequest) => OpenVerdict,
  ) {
    this.session = createSession({
      role: name === 'a' ? 'dialler' : 'acceptor',
      hello: aHello(name),
      transport: connection.transport,
      clock: realClock,
      random: realRandom,
      defer: realDefer,
      canOpen,
      onStream: (stream) => {
        this.#streams.push(new TestStream(stream))
        this.#wake()
      },
      onEvent: (event) => {
        this.#events.push(event)
        this.#wake()
      },
    })
    connection.attach(this.session)
  }

  open(header: string): TestStream {
    const result = this.session.open(encodeUtf8(header))
    if (result.kind === 'refused') throw new Error(`${result.code}: ${result.message}`)
    return new TestStream(result.stream)
  }

  async event<K extends SessionEvent['kind']>(
    kind: K,
  ): Promise<Extract<SessionEvent, { kind: K }>> {
    const is = (event: SessionEvent): event is Extract<SessionEvent, { kind: K }> =>
      event.kind === kind
    return this.#until(() => this.#events.find(is))
  }

  async accepted(index: number): Promise<TestStream> {
    return this.#until(() => this.#streams[index])
  }

  async #until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      await new Promise<void>((resolve) => this.#waiters.push(resolve))
    }
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake()
  }
}

async function linked(
  makePair: () => ConnectionPair | Promise<ConnectionPair>,
  canOpen: (request: OpenRequest) => OpenVerdict = () => ({ kind: 'accept' }),
): Promise<{ readonly a: End; readonly b: End; readonly dialler: Connection }> {
  const pair = await makePair()
  const a = new End('a', pair.dialler, canOpen)
  const b = new End('b', pair.acceptor, canOpen)
  onTestFinished(async () => {
    a.session.end('Closed', 'test over')
    b.session.end('Closed', 'test over')
    await pair.close()
  })
  await Promise.all([a.event('up'), b.event('up')])
  return { a, b, dialler: pair.dialler }
}
