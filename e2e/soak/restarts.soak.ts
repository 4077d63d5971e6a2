/** Both sides start at once, again and again: they must always agree on one session. */
import { connect } from 'node:net'
import { once } from 'node:events'
import { afterAll, expect, test } from 'vitest'
import { knownAs } from '../../packages/agent/test/support/memory-directory.ts'
import {
  aSocketAgent,
  connected,
  whenLink,
  type SocketAgent,
} from '../../packages/agent/test/support/socket-agents.ts'
import { anIdentity } from '../../packages/agent/test/support/identities.ts'
import { eventually } from '../support/eventually.ts'
import { openFaultProxy, type FaultProxy } from '../support/fault-proxy.ts'
import { linked, openPair, type Pair } from '../support/pair.ts'
import { quantile, report } from '../support/report.ts'

const IN_PROCESS_ROUNDS = 50
const PROCESS_ROUNDS = 50
/** From the start of the second one. A first dial that fails is tried again after 3 s at the latest. */
const MAX_AGREE_MS = 5_000
/** The same for processes, which first have to start. */
const MAX_PROCESS_AGREE_MS = 20_000

let pair: Pair | undefined
afterAll(() => pair?.close())

test(`agents that start together ${IN_PROCESS_ROUNDS} times agree on one session each time`, async () => {
  const identities = { a: await anIdentity('a'), b: await anIdentity('b') }
  const running: { a?: SocketAgent; b?: SocketAgent } = {}
  const doorTo = (name: 'a' | 'b'): Promise<FaultProxy> =>
    openFaultProxy({
      dial: async () => {
        const socket = connect(running[name]?.port ?? 1, '127.0.0.1')
        await once(socket, 'connect')
        return socket
      },
    })
  const doors = { a: await doorTo('a'), b: await doorTo('b') }
  const tookMs: number[] = []
  for (let round = 0; round < IN_PROCESS_ROUNDS; round++) {
    const [a, b] = await Promise.all(
      (['a', 'b'] as const).map((name) =>
        aSocketAgent(name, { identity: identities[name], random: { next: () => Math.random() } }),
      ),
    )
    if (a === undefined || b === undefined) throw new Error('There are two')
    Object.assign(running, { a, b })
    a.directory.put(knownAs('b', b.identity, { url: `http://127.0.0.1:${doors.b.port}` }))
    b.directory.put(knownAs('a', a.identity, { url: `http://127.0.0.1:${doors.a.port}` }))
    const started = performance.now()
    a.links.start()
    b.links.start()
    await Promise.all([whenLink(a, b, connected), whenLink(b, a, connected)])
    await eventually('one session is left', MAX_AGREE_MS, () => {
      expect(doors.a.connections + doors.b.connections).toBe(1)
      const views = [a.links.view(b.identity.fingerprint), b.links.view(a.identity.fingerprint)]
      expect(views.map(({ direction }) => direction).sort()).toEqual(['inbound', 'outbound'])
      return Promise.resolve()
    })
    tookMs.push(Math.round(performance.now() - started))
    const { signal } = new AbortController()
    const names = await Promise.all([
      a.links.call(b.identity.fingerprint, 'getSelf', { signal }),
      b.links.call(a.identity.fingerprint, 'getSelf', { signal }),
    ])
    expect(names.map(({ name }) => name)).toEqual(['b', 'a'])
    await Promise.all([a.stop(), b.stop()])
  }
  report('restarts-in-process', {
    rounds: IN_PROCESS_ROUNDS,
    medianMs: quantile(tookMs, 0.5),
    maxMs: Math.max(...tookMs),
  })
  expect(Math.max(...tookMs)).toBeLessThanOrEqual(MAX_AGREE_MS)
  await Promise.all([doors.a.close(), doors.b.close()])
})

test(`agents killed and started together ${PROCESS_ROUNDS} times agree on one session each time`, async () => {
  pair = await openPair()
  const { a, b } = pair
  const tookMs: number[] = []
  for (let round = 0; round < PROCESS_ROUNDS; round++) {
    await Promise.all([a.kill(), b.kill()])
    await Promise.all([a.start(), b.start()])
    const started = performance.now()
    await linked(a, b, MAX_PROCESS_AGREE_MS)
    await eventually('one session is left', MAX_PROCESS_AGREE_MS, async () => {
      expect((a.door?.connections ?? 0) + (b.door?.connections ?? 0)).toBe(1)
      const links = await Promise.all([a.link(b), b.link(a)])
      expect(links.map((status) => status?.direction).sort()).toEqual(['inbound', 'outbound'])
      return Promise.resolve()
    })
    tookMs.push(Math.round(performance.now() - started))
  }
  report('restarts-of-processes', {
    rounds: PROCESS_ROUNDS,
    medianMs: quantile(tookMs, 0.5),
    maxMs: Math.max(...tookMs),
  })
  expect(Math.max(...tookMs)).toBeLessThanOrEqual(MAX_PROCESS_AGREE_MS)
})
