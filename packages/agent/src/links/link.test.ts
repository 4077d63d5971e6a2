/** Links in virtual time: every wait below is one that the clock was told of. */
import { expect, test } from 'vitest'
import { anIdentity } from '../../test/support/identities.ts'
import { knownAs } from '../../test/support/memory-directory.ts'
import {
  aVirtualNetwork,
  introduce,
  type VirtualAgent,
  type VirtualNetwork,
} from '../../test/support/virtual-network.ts'

const signal = new AbortController().signal

async function twoAgents(seed = 1, options: Parameters<typeof introduce>[2] = {}) {
  const network = aVirtualNetwork(seed)
  const a = await network.agent('a')
  const b = await network.agent('b')
  introduce(a, b, options)
  return { network, a, b, clock: network.clock }
}

async function connectedAgents(
  seed = 1,
  options: (ab: {
    a: VirtualAgent
    b: VirtualAgent
  }) => Parameters<typeof introduce>[2] = () => ({}),
) {
  const network = aVirtualNetwork(seed)
  const a = await network.agent('a')
  const b = await network.agent('b')
  introduce(a, b, options({ a, b }))
  network.start(a)
  network.start(b)
  await network.clock.advance(5_000)
  return { network, a, b, clock: network.clock }
}

const view = (from: VirtualAgent, to: VirtualAgent) => from.links.view(to.identity.fingerprint)
const state = (from: VirtualAgent, to: VirtualAgent) => view(from, to).state

/** The answer of the other side's peer API; time goes on until it is there. */
async function ask(network: VirtualNetwork, from: VirtualAgent, to: VirtualAgent): Promise<string> {
  const answer = from.links.call(to.identity.fingerprint, 'getSelf', { signal })
  const outcome = { isThere: false }
  const settle = (): void => {
    outcome.isThere = true
  }
  answer.then(settle, settle)
  for (let step = 0; step < 200 && !outcome.isThere; step++) await network.clock.advance(20)
  return (await answer).name
}

async function expectOneLink(network: VirtualNetwork, a: VirtualAgent, b: VirtualAgent) {
  expect([state(a, b), state(b, a)]).toEqual(['Connected', 'Connected'])
  expect(network.open.size).toBe(1)
  expect([await ask(network, a, b), await ask(network, b, a)]).toEqual(['b', 'a'])
}

test('two agents that dial each other at once end with one session', async () => {
  const [x, y] = await Promise.all([anIdentity('x'), anIdentity('y')])
  for (let seed = 1; seed <= 40; seed++) {
    const network = aVirtualNetwork(seed)
    const { clock } = network
    // Either may have the lower fingerprint.
    const a = await network.agent('a', seed % 2 === 0 ? x : y)
    const b = await network.agent('b', seed % 2 === 0 ? y : x)
    introduce(a, b)
    network.start(a)
    network.start(b)
    await clock.advance(5_000)
    await expectOneLink(network, a, b)
  }
})

test.each([1, 2, 3, 4])(
  'two agents killed together again and again are never split (seed %i)',
  async (seed) => {
    const { network, a, b, clock } = await connectedAgents(seed)
    for (let round = 0; round < 20; round++) {
      for (const agent of [a, b])
        network.kill(agent, network.random.next() < 0.5 ? 'reset' : 'silence')
      await clock.advance(network.random.next() * 100)
      network.start(a)
      await clock.advance(network.random.next() * 3_000)
      network.start(b)
      await clock.advance(40_000)
      await expectOneLink(network, a, b)
    }
  },
)

test.each([11, 12, 13])(
  'cuts, freezes and restarts at random moments leave one session (seed %i)',
  async (seed) => {
    const { network, a, b, clock } = await connectedAgents(seed)
    const pick = <T>(choices: readonly T[]): T =>
      choices[Math.floor(network.random.next() * choices.length)]!
    for (let round = 0; round < 10; round++) {
      for (let blow = 0; blow < 4; blow++) {
        pick([
          () => network.cut(),
          () => network.freeze(),
          () => {
            const agent = pick([a, b])
            network.kill(agent, pick(['reset', 'silence']))
            network.start(agent)
          },
        ])()
        await clock.advance(network.random.next() * pick([50, 500, 15_000]))
      }
      await clock.advance(90_000)
      await expectOneLink(network, a, b)
    }
  },
)

test('a frozen peer is noticed within 25 seconds, and the link says why', async () => {
  const { network, a, b, clock } = await connectedAgents()
  network.freeze()
  network.isDown = true
  const seen: string[] = []
  a.links.onChange((_fingerprint, { state, message }) => seen.push(`${state}: ${message ?? ''}`))
  await clock.advance(25_500)
  expect(seen[0]).toBe('Suspect: The peer has missed two pings')
  expect(seen[1]).toMatch(/^Disconnected: The connection was lost: /)
  expect(state(a, b)).toBe('Disconnected')
})

test('a link that was lost is redialled with backoff, and comes back by itself', async () => {
  const { network, a, b, clock } = await connectedAgents(1, ({ b }) => ({ dialable: [b] }))
  await clock.advance(20_000)
  network.isDown = true
  network.cut()
  const before = network.dials.length
  await clock.advance(200_000)
  const times = network.dials.slice(before).map(({ atMs }) => atMs)
  const gaps = times.slice(1).map((time, i) => time - times[i]!)
  // 4, 8, 16, 30, 30 s, each ±50 %, after the first at about 2 s.
  const planned = [4_000, 8_000, 16_000, 30_000, 30_000]
  for (const [i, plannedMs] of planned.entries()) {
    expect(gaps[i]).toBeGreaterThanOrEqual(plannedMs * 0.5)
    expect(gaps[i]).toBeLessThanOrEqual(plannedMs * 1.5 + 100)
  }
  expect(state(a, b)).toBe('Disconnected')
  network.isDown = false
  await clock.advance(46_000)
  await expectOneLink(network, a, b)
})

test('sessions that never last keep the backoff growing', async () => {
  const { network, clock } = await connectedAgents(1, ({ b }) => ({ dialable: [b] }))
  const before = network.dials.length
  for (let second = 0; second < 120; second++) {
    await clock.advance(1_000)
    network.cut()
  }
  expect(network.dials.length - before).toBeLessThan(12)
})

test('twenty peers that lost one agent at once do not come back in step', async () => {
  const network = aVirtualNetwork(5)
  const hub = await network.agent('hub')
  const spokes = await Promise.all(Array.from({ length: 20 }, (_, i) => network.agent(`s${i}`)))
  for (const spoke of spokes) introduce(hub, spoke, { dialable: [hub] })
  for (const agent of [hub, ...spokes]) network.start(agent)
  await network.clock.advance(30_000)
  network.kill(hub)
  network.start(hub)
  const before = network.dials.length
  await network.clock.advance(60_000)
  const moments = new Set(network.dials.slice(before).map(({ atMs }) => Math.floor(atMs / 200)))
  expect(moments.size).toBeGreaterThan(4)
  expect(spokes.map((spoke) => state(spoke, hub))).toEqual(spokes.map(() => 'Connected'))
})

test('an unreachable peer says what is wrong, once', async () => {
  const { network, a, b, clock } = await twoAgents()
  network.start(a)
  const seen: string[] = []
  a.links.onChange((_fingerprint, { state, message }) => seen.push(`${state}: ${message ?? ''}`))
  await clock.advance(120_000)
  expect(seen).toEqual(['Disconnected: Connection refused'])
  expect(state(a, b)).toBe('Disconnected')
})

test('a peer without a URL is waited for', async () => {
  const { network, a, b, clock } = await twoAgents(1, { dialable: [] })
  network.start(a)
  await clock.advance(60_000)
  expect(network.dials).toEqual([])
  expect(view(a, b).message).toContain('Waiting for the peer to dial us')
})

/** How long a link waited before each of its dials in so many milliseconds. */
async function waits(network: VirtualNetwork, forMs: number): Promise<number[]> {
  const from = Math.max(0, network.dials.length - 1)
  await network.clock.advance(forMs)
  const times = network.dials.slice(from).map(({ atMs }) => atMs)
  return times.slice(1).map((time, i) => time - (times[i] ?? 0))
}

test('a peer without room is dialled again when it says, spread, and without backoff', async () => {
  const { network, a, b, clock } = await connectedAgents(1, ({ b }) => ({ dialable: [b] }))
  await clock.advance(20_000)
  network.busyMs = 2_000
  network.cut()
  await clock.advance(4_000)
  const waited = await waits(network, 120_000)
  expect(waited.length).toBeGreaterThan(120_000 / 4_200)
  expect(Math.min(...waited)).toBeGreaterThanOrEqual(2_000)
  expect(Math.max(...waited)).toBeLessThanOrEqual(4_000 + 100)
  expect(Math.max(...waited) - Math.min(...waited), 'peers do not return in step').toBeGreaterThan(
    1_000,
  )
  expect(view(a, b)).toMatchObject({ state: 'Disconnected', message: '503' })
  network.busyMs = undefined
  await clock.advance(5_000)
  await expectOneLink(network, a, b)
})

test.each([
  ['at once, is left alone for a second', 0, 1_000, 2_000],
  ['in a year, is asked within half a minute', 31_536_000_000, 15_000, 30_000],
])('a peer without room that wants us back %s', async (_what, busyMs, minMs, maxMs) => {
  const { network, clock } = await connectedAgents(1, ({ b }) => ({ dialable: [b] }))
  await clock.advance(20_000)
  network.busyMs = busyMs
  network.cut()
  await clock.advance(4_000)
  const waited = await waits(network, 120_000)
  expect(waited.length).toBeGreaterThan(3)
  expect(Math.min(...waited)).toBeGreaterThanOrEqual(minMs)
  expect(Math.max(...waited)).toBeLessThanOrEqual(maxMs + 100)
})

test('a link that failed before a peer had no room goes on in its backoff afterwards', async () => {
  const { network, clock } = await connectedAgents(1, ({ b }) => ({ dialable: [b] }))
  await clock.advance(20_000)
  network.isDown = true
  network.cut()
  await clock.advance(120_000)
  network.isDown = false
  network.busyMs = 2_000
  await clock.advance(120_000)
  network.isDown = true
  await clock.advance(5_000)
  expect(Math.min(...(await waits(network, 120_000)))).toBeGreaterThanOrEqual(15_000)
})

test('nothing but the link comes up before both operators confirmed, and everything right after', async () => {
  const { network, a, b, clock } = await connectedAgents(3, () => ({ confirmed: false }))
  expect(state(a, b)).toBe('Connected')
  expect(view(a, b).confirmedByPeer).toBe(false)
  await expect(ask(network, a, b)).rejects.toMatchObject({ code: 'NotConfirmed' })

  const confirm = (agent: VirtualAgent, peer: VirtualAgent): void =>
    agent.directory.put(knownAs(peer.name, peer.identity, { url: `http://${peer.name}` }))
  confirm(a, b)
  await clock.advance(2_000)
  expect(view(b, a).confirmedByPeer).toBe(true)
  await expect(ask(network, a, b), 'a asks, and b has not confirmed').rejects.toMatchObject({
    code: 'NotConfirmed',
  })
  confirm(b, a)
  await clock.advance(2_000)
  await expectOneLink(network, a, b)
})

test('a confirmation that is taken back ends at once what was open by it; the link stays', async () => {
  const { network, a, b, clock } = await connectedAgents()
  await ask(network, a, b)
  const streamsOfA = (): number => b.links.facts(a.identity.fingerprint).openStreams
  expect(streamsOfA()).toBe(1)
  b.directory.put(knownAs('a', a.identity, { url: 'http://a', confirmed: false }))
  expect(streamsOfA()).toBe(0)
  await clock.advance(10_000)
  expect(state(a, b)).toBe('Connected')
  await expect(ask(network, a, b)).rejects.toMatchObject({ code: 'NotConfirmed' })
})

test('confirmations that cross reach both sides whatever session stays', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { network, a, b, clock } = await connectedAgents(seed, () => ({ confirmed: false }))
    a.directory.put(knownAs('b', b.identity, { url: 'http://b' }))
    await clock.advance(network.random.next() * 60)
    b.directory.put(knownAs('a', a.identity, { url: 'http://a' }))
    await clock.advance(10_000)
    await expectOneLink(network, a, b)
  }
})

test('a side that cannot dial has its confirmation known too: it asks to be dialled again', async () => {
  const { network, a, b, clock } = await connectedAgents(1, ({ b }) => ({
    dialable: [b],
    confirmed: false,
  }))
  a.directory.put(knownAs('b', b.identity, { url: 'http://b' }))
  await clock.advance(2_000)
  b.directory.put(knownAs('a', a.identity))
  await clock.advance(5_000)
  await expectOneLink(network, a, b)
})

test('a session gives way before its certificate ends, and the link never goes down for it', async () => {
  for (const dialable of ['both', 'b'] as const) {
    const { network, a, b, clock } = await connectedAgents(2, (agents) =>
      dialable === 'both' ? {} : { dialable: [agents.b] },
    )
    const [first] = [...network.open]
    const states = new Set<string>()
    for (const agent of [a, b]) agent.links.onChange((_fingerprint, seen) => states.add(seen.state))
    await clock.advance(18 * 3_600_000)
    expect([...states].filter((seen) => seen !== 'Connected')).toEqual([])
    expect(network.open.has(first!)).toBe(false)
    await expectOneLink(network, a, b)
  }
})

test('a peer removed on one side is gone there at once, and refused when it dials', async () => {
  const { network, a, b, clock } = await connectedAgents()
  b.directory.remove('a')
  await clock.advance(1_000)
  expect(network.open.size).toBe(0)
  await clock.advance(60_000)
  expect(state(a, b)).toBe('Disconnected')
  expect(view(a, b).message).toContain('403')
})

test('an agent that stops says so: peers know at once, and nothing is redialled from here', async () => {
  const { network, a, b, clock } = await connectedAgents()
  const stopped = a.links.stop()
  a.isRunning = false
  await clock.advance(1_000)
  await stopped
  expect(state(b, a)).toBe('Disconnected')
  expect(view(b, a).message).toContain('stops')
  const before = network.dials.filter(({ from }) => from === 'a').length
  await clock.advance(60_000)
  expect(network.dials.filter(({ from }) => from === 'a')).toHaveLength(before)
})

test('a changed URL is dialled at once', async () => {
  const { network, a, b, clock } = await twoAgents(1, { dialable: [] })
  a.directory.put(knownAs('b', b.identity, { url: 'http://nowhere' }))
  network.start(a)
  network.start(b)
  await clock.advance(300_000)
  expect(state(a, b)).toBe('Disconnected')
  a.directory.put(knownAs('b', b.identity, { url: 'http://b' }))
  await clock.advance(500)
  expect(state(a, b)).toBe('Connected')
})
