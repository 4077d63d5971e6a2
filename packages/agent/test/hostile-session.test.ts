/**
 * What a peer can do to others with the channel alone: its identity is good, its frames are not. Each attack runs
 * against the links of an agent in a process of its own, while an honest peer asks small questions from another; the
 * agent must stay within its memory, and the honest peer must not wait. docs/limits.md says what the bounds are.
 */
import { once } from 'node:events'
import { connect as connectTls } from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { encodeGoAway, encodeReset } from '../../protocol/src/farewell.ts'
import { FrameType } from '../../protocol/src/frame.ts'
import { frameBytes, uint32 } from '../../protocol/test/support/raw-peer.ts'
import { maxReceivedMessageBytes, WebSocketDuplex, WebSocketFrameReader } from '@porpulsion/streams'
import type { Identity } from '../src/peers/index.ts'
import { aHello, HostileSession, upgradeAs } from './support/hostile-session.ts'
import { anIdentity } from './support/identities.ts'
import { SealedRecords } from './support/key-updates.ts'
import { Port, startLinksProcess, type LinksProcess } from './support/links-process.ts'

const MiB = 1024 * 1024
// On a machine where others work as well, most of it is waiting.
vi.setConfig({ testTimeout: 60_000 })
/** How long an attack goes on, if it is not ended before. */
const attackMs = Number(process.env['ATTACK_MS'] ?? 300)

let victim: LinksProcess
let honest: LinksProcess
let mallory: Identity
let dials = 0

beforeAll(async () => {
  ;[victim, honest] = await Promise.all([startLinksProcess('victim'), startLinksProcess('honest')])
  await victim.know({ name: 'honest', ...knowable(honest) })
  await honest.know({ name: 'victim', ...knowable(victim), url: victim.url })
  await honest.linkedTo(victim)
  await honest.echo(victim, 300)
}, 120_000)
/** Another one each time, as one alone could not come as often as all of this takes. */
beforeEach(async () => {
  mallory = await anIdentity('mallory')
  await victim.know({ name: 'mallory', ...knowable(mallory) })
})
afterAll(() => Promise.all([victim.stop(), honest.stop()]))

const knowable = ({
  fingerprint,
  caCertificatePem,
}: Pick<Identity, 'fingerprint' | 'caCertificatePem'>) => ({
  fingerprint,
  caCertificatePem,
})

interface Damage {
  /** Processor time of a turn of the victim's event loop, which is what others wait for: nine of ten are shorter. */
  readonly turnMs: number
  /** What the honest peer's questions took, by the clock, on a machine where others work as well. */
  readonly echoMs: number
  readonly peakMiB: number
  readonly retainedMiB: number
}

/** Runs an attack while the honest peer works, and says what others had of it. */
async function during(attack: () => Promise<unknown>): Promise<Damage> {
  const before = await victim.memory(mallory)
  const echoing = honest.echo(victim, attackMs)
  await attack()
  const times = await echoing
  const after = await victim.memory(mallory)
  const damage = {
    turnMs: Math.round(percentile(after.turnsMs, 0.9)),
    echoMs: Math.round(percentile(times, 0.5)),
    peakMiB: Math.round((after.peakRssBytes - before.rssBytes) / MiB),
    retainedMiB: Math.round((after.retainedBytes - before.retainedBytes) / MiB),
  }
  if (process.env['SHOW'] !== undefined)
    process.stdout.write(`${expect.getState().currentTestName ?? ''} ${JSON.stringify(damage)}\n`)
  return damage
}

function percentile(times: readonly number[], part: number): number {
  const sorted = [...times].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length * part)] ?? Number.POSITIVE_INFINITY
}

/** Nobody else waits, and what it cost is gone. */
function isHarmless({ turnMs, echoMs, peakMiB, retainedMiB }: Damage, mayPeakMiB = 64): void {
  expect(turnMs).toBeLessThan(100)
  // By the clock, so that it says little where others work as well; the turns say the rest.
  expect(echoMs).toBeLessThan(1_500)
  expect(peakMiB).toBeLessThan(mayPeakMiB)
  expect(retainedMiB).toBeLessThan(8)
}

const sessions: HostileSession[] = []
async function greet(limits = {}): Promise<HostileSession> {
  const session = await HostileSession.greet(mallory, victim, (dials += 1), limits)
  sessions.push(session)
  return session
}

const openStreams = async (): Promise<number> => (await victim.memory(mallory)).openStreams

/** Nothing of an attack outlives its connection. */
afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy()
  await expect.poll(openStreams, { timeout: 15_000, interval: 100 }).toBe(0)
})

const open = (id: number, header: object | Uint8Array): Uint8Array =>
  frameBytes(
    FrameType.Open,
    id,
    header instanceof Uint8Array ? header : Buffer.from(JSON.stringify(header)),
  )
const tcp = (port: number): object => ({ kind: 'tcp', app: 'web', port })
const many = (count: number, frame: (i: number) => Uint8Array): Uint8Array =>
  Buffer.concat(Array.from({ length: count }, (_, i) => frame(i)))

describe('a peer that', () => {
  test.each<readonly [string, Uint8Array, string]>([
    ['sends junk', Buffer.alloc(64 * 1024, 'junk'), 'UnknownFrame'],
    [
      'announces a frame beyond all bounds',
      Buffer.from('0300000000010fffffff', 'hex'),
      'FrameTooLarge',
    ],
    [
      'speaks of streams that never were',
      frameBytes(FrameType.Data, 99, Buffer.alloc(9)),
      'ProtocolError',
    ],
    ['says Hello again', aHello(1), 'ProtocolError'],
    [
      'acknowledges what was never sent',
      frameBytes(FrameType.Window, 0, uint32(2 ** 31)),
      'ProtocolError',
    ],
  ])('%s is sent away with a word', async (_what, bytes, code) => {
    const hostile = await greet()
    await hostile.send(bytes)
    await hostile.whenClosed()
    expect(hostile.goAway).toBe(code)
  })

  test('ignores windows loses each stream on which it does', async () => {
    const hostile = await greet()
    const frame = frameBytes(FrameType.Data, 1, Buffer.alloc(60_000))
    await hostile.send(open(1, tcp(Port.deaf)))
    isHarmless(await during(() => hostile.flood(attackMs, () => frame)))
    expect(hostile.resets.get('WindowExceeded')).toBe(1)
    expect(hostile.isClosed).toBe(false)
  })

  test('fills every window of a thousand streams that nobody reads is held to 32 MiB', async () => {
    const hostile = await greet()
    let id = -1
    const chunk = Buffer.alloc(60_000)
    const damage = await during(() =>
      hostile.flood(attackMs, () => {
        id += 2
        return Buffer.concat([
          open(id, tcp(Port.deaf)),
          ...Array.from({ length: 4 }, () => frameBytes(FrameType.Data, id, chunk)),
        ])
      }),
    )
    isHarmless({ ...damage, retainedMiB: 0 }, 128)
    expect(damage.retainedMiB).toBeLessThan(48)
  })

  test('fills the windows of several sessions is held to what two may hold', async () => {
    const chunk = Buffer.alloc(60_000)
    const stuffed = (i: number): Uint8Array =>
      Buffer.concat([
        open(2 * i + 1, tcp(Port.deaf)),
        ...Array.from({ length: 4 }, () => frameBytes(FrameType.Data, 2 * i + 1, chunk)),
      ])
    const damage = await during(async () => {
      for (let session = 0; session < 4; session++) {
        const hostile = await greet()
        for (let i = 0; i < 120; i++) await hostile.send(stuffed(i))
      }
    })
    expect(damage.retainedMiB).toBeLessThan(84)
    isHarmless({ ...damage, retainedMiB: 0 }, 192)
  })

  test('opens streams without end gets those it may have', async () => {
    const hostile = await greet()
    let id = -1
    const damage = await during(async () => {
      for (let batch = 0; batch < 8; batch++)
        await hostile.send(many(500, () => open((id += 2), { kind: 'rpc' })))
    })
    await expect.poll(() => hostile.resets.get('TooManyStreams'), { timeout: 10_000 }).toBe(2_976)
    isHarmless(damage, 128)
    expect(await openStreams()).toBe(1_024)
  })

  test('opens streams without end and does not read the answers is sent away', async () => {
    const hostile = await greet()
    hostile.stopReading()
    let id = -1
    const batch = (): Uint8Array => many(500, () => open((id += 2), { kind: 'rpc' }))
    isHarmless(await during(() => hostile.flood(attackMs, batch)), 128)
  })

  test('opens streams and resets them at once', async () => {
    const hostile = await greet()
    const reset = encodeReset({ code: 'Cancelled', message: '' })
    let id = -1
    const batch = (): Uint8Array =>
      many(200, () => {
        id += 2
        return Buffer.concat([open(id, tcp(Port.echo)), frameBytes(FrameType.Reset, id, reset)])
      })
    isHarmless(await during(() => hostile.flood(attackMs, batch)))
    await expect.poll(openStreams, { timeout: 10_000 }).toBe(0)
  })

  test('opens all streams it may and says nothing more on them', async () => {
    const hostile = await greet()
    await hostile.send(many(1_024, (i) => open(2 * i + 1, { kind: 'rpc' })))
    await hostile.send(many(1_024, (i) => frameBytes(FrameType.Data, 2 * i + 1, Buffer.from('G'))))
    isHarmless(await during(() => Promise.resolve()))
    expect(await openStreams()).toBe(1_024)
  })

  test('announces an Open and never sends the rest holds up itself alone', async () => {
    const hostile = await greet()
    await hostile.send(open(1, Buffer.alloc(16_384)).subarray(0, 100))
    isHarmless(await during(() => hostile.flood(attackMs, () => Buffer.alloc(1))))
  })

  test('sends headers that are too large is refused each', async () => {
    const hostile = await greet()
    let id = -1
    const batch = (): Uint8Array => many(8, () => open((id += 2), Buffer.alloc(65_536)))
    isHarmless(await during(() => hostile.flood(attackMs, batch)))
    expect([...hostile.resets.keys()]).toContain('OpenHeaderTooLarge')
  })

  const reason = encodeGoAway({ code: 'Replace', message: 'x'.repeat(1_000), retryAfterMs: 0 })
  test.each<readonly [string, () => Uint8Array]>([
    ['Pings', () => many(3_000, () => frameBytes(FrameType.Ping, 0, Buffer.alloc(8)))],
    [
      'Pings that ask for quiet',
      () => many(3_000, () => frameBytes(FrameType.Ping, 0, Buffer.alloc(8), 1)),
    ],
    ['Pongs', () => many(3_000, () => frameBytes(FrameType.Pong, 0, Buffer.alloc(8)))],
    ['credit on its stream', () => many(3_000, () => frameBytes(FrameType.Window, 1, uint32(1)))],
    ['credit of nothing', () => many(3_000, () => frameBytes(FrameType.Window, 0, uint32(0)))],
    [
      'wishes for another session',
      () =>
        many(3_000, () =>
          frameBytes(
            FrameType.GoAway,
            0,
            encodeGoAway({ code: 'Replace', message: '', retryAfterMs: 0 }),
          ),
        ),
    ],
    [
      'long wishes for another session',
      () => many(60, () => frameBytes(FrameType.GoAway, 0, reason)),
    ],
    [
      'notices that it drains',
      () =>
        many(3_000, () =>
          frameBytes(
            FrameType.GoAway,
            0,
            encodeGoAway({ code: 'Drain', message: '', retryAfterMs: 0 }),
          ),
        ),
    ],
    ['Data of no length', () => many(6_000, () => frameBytes(FrameType.Data, 1))],
    ['Data of one byte', () => many(4_000, () => frameBytes(FrameType.Data, 1, Buffer.alloc(1)))],
    ['frames nobody knows', () => many(6_000, () => frameBytes(0x77, 1, Buffer.alloc(0), 0x80))],
  ])('floods with %s', async (_what, batch) => {
    const hostile = await greet()
    await hostile.send(open(1, tcp(Port.echo)))
    const bytes = batch()
    isHarmless(await during(() => hostile.flood(attackMs, () => bytes)))
  })

  test('asks without end and never reads is sent away when 2 MiB of answers wait', async () => {
    const hostile = await greet()
    hostile.stopReading()
    const pings = many(3_000, () => frameBytes(FrameType.Ping, 0, Buffer.alloc(8)))
    isHarmless(await during(() => hostile.flood(10 * attackMs, () => pings)))
  })

  test('has a thousand apps talk to it without end, and never reads', async () => {
    const hostile = await greet({ initialWindowBytes: 2 ** 31 - 1 })
    hostile.stopReading()
    const damage = await during(async () => {
      // In parts, because making as many apps talk at once would be what takes long.
      for (let from = 0; from < 1_024; from += 32) {
        await hostile.send(many(32, (i) => open(2 * (from + i) + 1, tcp(Port.endless))))
        await new Promise((resolve) => setImmediate(resolve))
      }
    })
    // 32 MiB, or one chunk of 64 KiB for each of them, and what the apps' own streams hold.
    expect(damage.peakMiB).toBeLessThan(256)
    expect(damage.retainedMiB).toBeLessThan(256)
    // A thousand apps that talk are work, whoever asked for it.
    expect(damage.turnMs).toBeLessThan(300)
  })

  test('dials again and again, and answers on none of its sessions, has sixteen of them', async () => {
    const standing = (): number => sessions.filter(({ isClosed }) => !isClosed).length
    const damage = await during(async () => {
      for (let i = 0; i < 24; i++) await greet()
    })
    await expect.poll(standing, { timeout: 10_000 }).toBeLessThanOrEqual(16)
    isHarmless(damage)
  })

  test('comes and goes without end is let in as often as a peer has reason to', async () => {
    let visits = 0
    let refusals = 0
    const damage = await during(async () => {
      for (const endsAt = performance.now() + 5_000; performance.now() < endsAt && refusals < 9;)
        try {
          const session = await greet()
          await session.answerPings()
          session.destroy()
          visits += 1
        } catch {
          refusals += 1
        }
    })
    isHarmless(damage)
    expect(refusals).toBe(9)
    expect(visits).toBeGreaterThanOrEqual(32)
    expect(visits).toBeLessThan(40)
  })
})

describe('a WebSocket that', () => {
  /** Frames of a client, unmasked by a mask of zeros. */
  const raw = (opcode: number, payload: Uint8Array, { fin = true, rsv1 = false } = {}): Buffer =>
    Buffer.concat([
      Buffer.of((fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode, 0x80 | payload.length, 0, 0, 0, 0),
      payload,
    ])
  /** Writes below `ws`, which would not send such things. */
  const socketOf = (webSocket: WebSocket): NodeJS.WritableStream =>
    (webSocket as unknown as { _socket: NodeJS.WritableStream })._socket // of ws, for as long as it is open

  async function floodRaw(webSocket: WebSocket, bytes: Buffer, forMs: number): Promise<void> {
    const socket = socketOf(webSocket)
    for (const endsAt = performance.now() + forMs; performance.now() < endsAt;) {
      if (webSocket.readyState !== webSocket.OPEN) return
      if (!socket.write(bytes)) {
        const wait = new Promise((resolve) => setTimeout(resolve, 50))
        await Promise.race([wait, new Promise((resolve) => socket.once('drain', resolve))])
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  test.each<readonly [string, Buffer]>([
    ['pings', Buffer.concat(Array.from({ length: 1_000 }, () => raw(9, Buffer.alloc(125))))],
    ['Pongs', Buffer.concat(Array.from({ length: 10_000 }, () => raw(10, Buffer.alloc(0))))],
    [
      'Pongs between messages of one byte',
      Buffer.concat(
        Array.from({ length: 5_000 }, (_, i) => raw(i % 2 === 0 ? 2 : 10, Buffer.alloc(1))),
      ),
    ],
    ['empty messages', Buffer.concat(Array.from({ length: 5_000 }, () => raw(2, Buffer.alloc(0))))],
    [
      'fragments of one byte',
      Buffer.concat([
        raw(2, Buffer.alloc(1), { fin: false }),
        ...Array.from({ length: 5_000 }, () => raw(0, Buffer.alloc(1), { fin: false })),
      ]),
    ],
    [
      'messages of one byte',
      Buffer.concat(Array.from({ length: 5_000 }, () => raw(2, Buffer.of(22)))),
    ],
    ['compressed messages', raw(2, Buffer.alloc(100), { rsv1: true })],
    ['text', raw(1, Buffer.from('hello'))],
  ])('floods with %s before it has proven anything', async (_what, bytes) => {
    const socket = await upgradeAs(mallory, victim)
    if (typeof socket === 'number') throw new Error(`Refused with ${socket}`)
    isHarmless(await during(() => floodRaw(socket, bytes, attackMs)))
    socket.terminate()
  })

  /** Has all that is sent from here on leave in frames of one byte, each made by `frameOf`; counts them. */
  function cutting(webSocket: WebSocket, frameOf: (byte: Buffer) => Buffer): { frames: number } {
    const sent = { frames: 0 }
    const socket = socketOf(webSocket)
    const write = socket.write.bind(socket) as (bytes: Buffer) => boolean
    let cut: Buffer[] = []
    const reader = new WebSocketFrameReader({
      isMasked: true,
      maxPayloadBytes: maxReceivedMessageBytes,
      onPayload: (bytes) => {
        for (const byte of bytes) cut.push(frameOf(Buffer.of(byte)))
      },
      onControl: (bytes) => cut.push(Buffer.from(bytes)),
    })
    Reflect.set(socket, 'write', (bytes: Buffer) => {
      reader.push(bytes)
      const frames = cut
      cut = []
      sent.frames += frames.length
      return write(Buffer.concat(frames))
    })
    return sent
  }

  const wholeMessage = (byte: Buffer): Buffer => raw(2, byte)
  const oneLongMessage = (): ((byte: Buffer) => Buffer) => {
    let opcode = 2
    return (byte) => {
      const fragment = raw(opcode, byte, { fin: false })
      opcode = 0
      return fragment
    }
  }

  test.each<readonly [string, (byte: Buffer) => Buffer]>([
    ['messages', wholeMessage],
    ['fragments', oneLongMessage()],
  ])(
    'belongs to a peer and comes in %s of one byte is slow for this peer alone',
    async (_what, frameOf) => {
      const hostile = await greet()
      const sent = cutting(hostile.webSocket, frameOf)
      const pings = many(200, () => frameBytes(FrameType.Ping, 0, Buffer.alloc(8)))
      isHarmless(await during(() => hostile.flood(attackMs, () => pings)))
      expect(sent.frames).toBeGreaterThan(pings.length)
      // Slow is all it is: what came in such pieces was understood.
      expect(hostile.isClosed).toBe(false)
    },
  )

  test('asks its inner TLS for new keys without end', async () => {
    const socket = await upgradeAs(mallory, victim)
    if (typeof socket === 'number') throw new Error(`Refused with ${socket}`)
    const leaf = await mallory.issueLeaf()
    let keyLog = ''
    const tls = connectTls({
      socket: new WebSocketDuplex(socket),
      cert: leaf.certificatePem,
      key: leaf.keyPem,
      minVersion: 'TLSv1.3',
      ciphers: 'TLS_AES_256_GCM_SHA384',
      rejectUnauthorized: false,
    })
    tls.on('error', () => undefined)
    tls.on('keylog', (line: Buffer) => {
      if (line.toString().startsWith('CLIENT_TRAFFIC_SECRET_0')) keyLog = line.toString()
    })
    await once(tls, 'secureConnect')
    tls.write(aHello((dials += 1)))
    await once(tls, 'data')
    const records = new SealedRecords(keyLog, 1)
    isHarmless(
      await during(async () => {
        for (const endsAt = performance.now() + attackMs; performance.now() < endsAt;) {
          if (socket.readyState !== socket.OPEN) break
          socket.send(Buffer.concat(Array.from({ length: 200 }, () => records.keyUpdate())))
          await new Promise((resolve) => setImmediate(resolve))
        }
      }),
    )
    // It understood all of them, or it would have ended the connection at the first.
    expect(socket.readyState).toBe(socket.OPEN)
    socket.terminate()
  })
})

describe('strangers that', () => {
  test('show a CA of a peer and hold their handshakes get four of one address, sixteen of all', async () => {
    const answers: (WebSocket | number)[] = []
    const damage = await during(async () => {
      for (let i = 0; i < 30; i++) {
        const localAddress = `127.0.0.${2 + (i % 6)}`
        answers.push(await upgradeAs(mallory, victim, { localAddress }))
      }
    })
    const held = answers.filter((answer) => typeof answer !== 'number')
    for (const socket of held) socket.terminate()
    isHarmless(damage)
    expect(held).toHaveLength(16)
    expect(answers.filter((answer) => answer === 503)).toHaveLength(14)
  })

  test('come again as soon as they are sent away', async () => {
    let tries = 0
    const knock = async (): Promise<void> => {
      for (const endsAt = performance.now() + attackMs; performance.now() < endsAt;) {
        const socket = await upgradeAs(mallory, victim)
        tries += 1
        if (typeof socket === 'number') continue
        const closed = new Promise((resolve) => socket.once('close', resolve))
        socket.send(Buffer.alloc(1_000, 22))
        await closed
      }
    }
    isHarmless(await during(() => Promise.all(Array.from({ length: 16 }, knock))))
    expect(tries).toBeGreaterThan(16)
  })

  test('are let in by their key, and then say nothing: no place is left for them, and nobody loses one', async () => {
    const silent = await Promise.all(
      Array.from({ length: 4 }, () => HostileSession.connect(mallory, victim)),
    )
    const refused = await upgradeAs(mallory, victim)
    isHarmless(await during(() => Promise.resolve()))
    for (const session of silent) session.destroy()
    expect(refused).toBe(503)
  })
})
