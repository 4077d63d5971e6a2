/** What the host's side of a session lets a peer open, whatever the peer believes of itself. */
import { createSession, PairLoad, type OpenResult } from '@porpulsion/protocol'
import { FakeClock, evenRandom } from '@porpulsion/kube/testing'
import { expect, test, vi } from 'vitest'
import { channelClock } from './channel-clock.ts'
import { LinkSession, type LinkSessionDeps } from './link-session.ts'
import type { ConnectionHandler, SecureConnection } from './secure-connection.ts'
import { noAudit } from '../audit/index.ts'

const hello = { bootId: '0'.repeat(32), confirmed: true, agentVersion: '0.1.0' }

/** A host, and a peer that opens what it likes. */
async function aHost(
  caller: ReturnType<LinkSessionDeps['caller']>,
  peerHello: Partial<typeof hello> = {},
) {
  const clock = new FakeClock()
  const time = channelClock(clock, () => clock.now())
  let host: ConnectionHandler | undefined
  const connection: SecureConnection = {
    direction: 'inbound',
    ownCa: 'b',
    peerCa: 'a',
    transport: 'ws',
    remoteName: 'a',
    leaf: { notBeforeMs: 0, notAfterMs: 1 },
    peerNotBeforeMs: 0,
    peerNotAfterMs: 1,
    attach(handler) {
      host = handler
    },
    write(chunks) {
      const copies = chunks.map((chunk) => Uint8Array.from(chunk))
      setImmediate(() => copies.forEach((bytes) => peer.receive(bytes)))
      return true
    },
    close: () => undefined,
    destroy: () => undefined,
  }
  const resets: string[] = []
  const peer = createSession({
    role: 'dialler',
    hello: { ...hello, bootId: '1'.repeat(32), dialSeq: 1, ...peerHello },
    transport: {
      write(chunks) {
        const copies = chunks.map((chunk) => Uint8Array.from(chunk))
        setImmediate(() => copies.forEach((bytes) => host?.onBytes(bytes)))
        return true
      },
      close: () => undefined,
    },
    clock: time,
    random: evenRandom,
    defer: setImmediate,
    onStream: () => undefined,
    onEvent: () => undefined,
  })
  const services = {
    servePeerApi: vi.fn(),
    acceptTcp: vi.fn(() => new Promise<never>(() => undefined)),
    acceptExec: vi.fn(() => new Promise<never>(() => undefined)),
  }
  const session = new LinkSession(
    {
      clock,
      channelClock: time,
      random: evenRandom,
      audit: noAudit,
      services,
      caller: () => caller,
      onEvent: () => undefined,
    },
    connection,
    { peerFingerprint: 'a', hello, limits: {}, load: new PairLoad(), renewAtMs: Infinity },
  )
  session.start()
  for (let turn = 0; turn < 5; turn++) await clock.advance(1)

  async function open(header: string): Promise<string> {
    const opened: OpenResult = peer.open(Buffer.from(header))
    if (opened.kind === 'refused') return opened.code
    opened.stream.handle({
      onReadable: () => undefined,
      onWritable: () => undefined,
      onClosed: (outcome) => resets.push(outcome.kind === 'reset' ? outcome.code : 'closed'),
    })
    opened.stream.write(Buffer.from('x'))
    for (let turn = 0; turn < 5; turn++) await clock.advance(1)
    return resets[0] ?? 'open'
  }
  return { open, services, session, resets, clock }
}

const confirmedPeer = { name: 'a', fingerprint: 'a', confirmed: true }
const rpc = '{"kind":"rpc"}'
const tcp = '{"kind":"tcp","app":"uid","port":80}'

test('a confirmed peer that confirmed us opens streams, served as that peer', async () => {
  const first = await aHost(confirmedPeer)
  expect(await first.open(rpc)).toBe('open')
  expect(first.services.servePeerApi).toHaveBeenCalledWith(expect.anything(), {
    ...confirmedPeer,
    ca: 'a',
  })
  const second = await aHost(confirmedPeer)
  expect(await second.open(tcp)).toBe('open')
  expect(second.services.acceptTcp).toHaveBeenCalledOnce()
})

test('streams kept for requests end soon after the CA of their session was given up, others by themselves', async () => {
  const { open, session, resets, clock } = await aHost(confirmedPeer)
  for (const header of [rpc, tcp]) expect(await open(header)).toBe('open')
  session.giveUp('You have renewed your identity since')
  await clock.advance(9_000)
  expect(resets).toEqual([])
  for (let turn = 0; turn < 5; turn++) await clock.advance(1_000)
  expect(resets).toEqual(['LinkDown'])
})

test.each([
  [
    'a peer our operator has not confirmed',
    { ...confirmedPeer, confirmed: false },
    {},
    'NotConfirmed',
  ],
  [
    'a peer whose operator has not confirmed us',
    confirmedPeer,
    { confirmed: false },
    'NotConfirmed',
  ],
  ['a peer that was removed a moment ago', undefined, {}, 'PeerRevoked'],
] as const)('%s opens nothing', async (_who, caller, peerHello, code) => {
  for (const header of [rpc, tcp]) {
    const { open, services } = await aHost(caller, peerHello)
    expect(await open(header)).toBe(code)
    expect(services.servePeerApi).not.toHaveBeenCalled()
    expect(services.acceptTcp).not.toHaveBeenCalled()
    expect(services.acceptExec).not.toHaveBeenCalled()
  }
})

test.each(['{"kind":"exec"}', 'rpc', '{"kind":"tcp","app":"../x","port":80}', ''])(
  'a header that is %s is refused as a kind nobody knows',
  async (header) => {
    const { open } = await aHost(confirmedPeer)
    expect(await open(header)).toBe('StreamKindUnknown')
  },
)
