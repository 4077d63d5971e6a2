import { PassThrough } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { anAgeingIdentity } from '../../test/support/identities.ts'
import { aSocketAgent, link } from '../../test/support/socket-agents.ts'
import { aTcpProxy } from '../../test/support/tcp-proxy.ts'

// Real time, for once: it is the whole of rotation, with real certificates, that has to work.
test.each(['the dialler', 'the acceptor'] as const)(
  'a certificate of %s that ages is replaced by another, and nobody notices',
  async (whose) => {
    const ageing = await anAgeingIdentity('ageing')
    const a = await aSocketAgent('a', whose === 'the dialler' ? { identity: ageing } : {})
    const b = await aSocketAgent('b', whose === 'the acceptor' ? { identity: ageing } : {})
    await link(a, b)
    const states = new Set<string>()
    for (const agent of [a, b]) agent.links.onChange((_fingerprint, { state }) => states.add(state))
    const [first] = [...b.sockets]
    const gone = vi.fn()
    first?.once('close', gone)
    await vi.waitFor(() => expect(gone).toHaveBeenCalled(), 10_000)
    expect(ageing.issued()).toBeGreaterThan(1)
    states.delete('Connected')
    expect([...states]).toEqual([])
    const { signal } = new AbortController()
    expect((await a.links.call(b.identity.fingerprint, 'getSelf', { signal })).name).toBe('b')
  },
)

test.each(['the dialler', 'the acceptor'] as const)(
  'a session whose keys have sealed as much as they may gives way: %s counts',
  async (whose) => {
    const acceptTcp = () => Promise.resolve(new PassThrough())
    // Looked at when a Ping is answered.
    const few = { session: { sessionBytes: 1024 * 1024, limits: { pingIntervalMs: 100 } } }
    const a = await aSocketAgent('a', whose === 'the dialler' ? few : {})
    const b = await aSocketAgent('b', { acceptTcp, ...(whose === 'the acceptor' && few) })
    await link(a, b)
    const [first] = [...b.sockets]
    const { signal } = new AbortController()
    const { fingerprint } = b.identity
    const stream = await a.links.openTcp(fingerprint, { app: 'web', port: 80 }, signal)
    stream.resume().write(Buffer.alloc(2 * 1024 * 1024))
    await vi.waitFor(() => expect(b.sockets.size).toBe(2), 15_000)
    stream.destroy()
    await vi.waitFor(() => expect([...b.sockets].includes(first!)).toBe(false), 5_000)
    expect((await a.links.call(fingerprint, 'getSelf', { signal })).name).toBe('b')
  },
)

// An Open is on its way to a session that gives way at that moment: for 20 ms of every replacement, so among many opens.
test('whatever is opened or asked while a session gives way finds its successor', async () => {
  const a = await aSocketAgent('a', { identity: await anAgeingIdentity('a') })
  const b = await aSocketAgent('b', { acceptTcp: () => Promise.resolve(new PassThrough()) })
  const proxy = await aTcpProxy(b.port, { delayMs: 20 })
  await link(a, b, proxy.url)
  const { fingerprint } = b.identity
  const { signal } = new AbortController()
  const failures: unknown[] = []
  const note = (error: unknown): void => void failures.push(error)
  const all: Promise<unknown>[] = []
  let done = 0
  while (proxy.recorded.length < 4) {
    all.push(
      a.links.openTcp(fingerprint, { app: 'web', port: 80 }, signal).then((stream) => {
        stream.destroy()
        done++
      }, note),
      a.links.call(fingerprint, 'getSelf', { signal }).then(() => done++, note),
    )
    await wait(2)
  }
  await Promise.all(all)
  expect(failures).toEqual([])
  expect(done).toBe(all.length)
})
