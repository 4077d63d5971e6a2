import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  generationOf,
  judgePair,
  maxDrainingSessions,
  type PairSession,
} from './session-pair-rule.ts'

/**
 * Two agents and the connections between them, reduced to what the rule lives on: Hellos, Pings and
 * GoAways that take any time to arrive, connections whose end only one side notices for a while, and
 * restarts. A schedule picks what happens next; afterwards everything in transit is delivered.
 */
class TwoAgents {
  readonly agents: readonly [Agent, Agent] = [newAgent('aa', 0), newAgent('bb', 1)]
  #connections: Connection[] = []
  #count = 0

  dial(who: 0 | 1): void {
    const agent = this.agents[who]
    agent.dials += 1
    const replaces = agent.highestGeneration
    this.#connections.push({
      id: `c${++this.#count}`,
      dialler: agent.fingerprint,
      dialSeq: agent.dials,
      generation: generationOf({ replaces }),
      boots: [this.agents[0].bootId, this.agents[1].bootId],
      ends: [newEnd(), newEnd()],
    })
  }

  /** The Hello of the other side reaches this one. */
  greet(who: 0 | 1, pick: number): void {
    const connection = pickOf(this.#connections, pick)
    const end = connection?.ends[who]
    if (connection === undefined || end?.state !== 'connecting') return
    if (connection.ends[other(who)].state === 'gone') return
    const agent = this.agents[who]
    end.state = 'up'
    end.upOrder = ++agent.ups
    agent.highestGeneration = Math.max(agent.highestGeneration ?? 0, connection.generation)
    this.#judge(who)
  }

  /** A Ping of this side comes back: the other side must be there and have our Hello. */
  prove(who: 0 | 1, pick: number): void {
    const connection = pickOf(this.#connections, pick)
    const end = connection?.ends[who]
    if (end?.state !== 'up') return
    if (connection?.ends[other(who)].state !== 'up') return
    end.proven = true
    this.#judge(who)
  }

  /** The other side's GoAway, or the end of the connection, is noticed here. */
  notice(who: 0 | 1, pick: number): void {
    const connection = pickOf(this.#connections, pick)
    const end = connection?.ends[who]
    if (connection === undefined || end === undefined || end.state === 'gone') return
    const there = connection.ends[other(who)]
    if (there.state === 'gone') this.#lose(who, connection)
    else if (there.draining) end.draining = true
    this.#judge(who)
  }

  /** The connection breaks, and only this side has noticed. */
  breakAt(who: 0 | 1, pick: number): void {
    const connection = pickOf(this.#connections, pick)
    if (connection === undefined) return
    this.#lose(who, connection)
    this.#judge(who)
  }

  restart(who: 0 | 1): void {
    for (const connection of this.#connections) connection.ends[who].state = 'gone'
    const { fingerprint, boots } = this.agents[who]
    Object.assign(this.agents[who], newAgent(fingerprint, who, boots + 1))
  }

  /** Everything in transit arrives, streams of draining sessions end, and nobody dials any more. */
  settle(): void {
    for (let round = 0; round < 4; round += 1) {
      for (let pick = 0; pick < this.#connections.length; pick += 1) {
        for (const who of [0, 1] as const) {
          this.greet(who, pick)
          this.prove(who, pick)
          this.notice(who, pick)
        }
      }
    }
  }

  live(who: 0 | 1): Connection[] {
    return this.#connections.filter((connection) => connection.ends[who].state === 'up')
  }

  verdict(who: 0 | 1): ReturnType<typeof judgePair> {
    return judgePair(this.live(who).map((connection) => seenBy(who, connection)))
  }

  #judge(who: 0 | 1): void {
    const verdict = this.verdict(who)
    for (const connection of this.#connections) {
      if (verdict.drain.includes(connection.id)) connection.ends[who].draining = true
      if (verdict.end.some(({ id }) => id === connection.id)) this.#lose(who, connection)
    }
  }

  #lose(who: 0 | 1, connection: Connection): void {
    connection.ends[who].state = 'gone'
  }
}

interface Agent {
  fingerprint: string
  bootId: string
  boots: number
  dials: number
  ups: number
  highestGeneration: number | undefined
}

interface Connection {
  readonly id: string
  readonly dialler: string
  readonly dialSeq: number
  readonly generation: number
  readonly boots: readonly [string, string]
  readonly ends: readonly [End, End]
}

interface End {
  state: 'connecting' | 'up' | 'gone'
  upOrder: number
  proven: boolean
  draining: boolean
}

function newAgent(fingerprint: string, who: 0 | 1, boots = 1): Agent {
  const bootId = `${who}-boot-${boots}`
  return { fingerprint, bootId, boots, dials: 0, ups: 0, highestGeneration: undefined }
}

function newEnd(): End {
  return { state: 'connecting', upOrder: 0, proven: false, draining: false }
}

function other(who: 0 | 1): 0 | 1 {
  return who === 0 ? 1 : 0
}

function pickOf<T>(items: readonly T[], pick: number): T | undefined {
  return items.length === 0 ? undefined : items[pick % items.length]
}

function seenBy(who: 0 | 1, connection: Connection): PairSession {
  const { id, dialler, dialSeq, generation, boots, ends } = connection
  const { upOrder, proven, draining } = ends[who]
  const peerBootId = boots[other(who)]
  return { id, dialler, dialSeq, generation, peerBootId, upOrder, proven, draining }
}

const side = fc.constantFrom(0 as const, 1 as const)
const happening = (restarts: boolean): fc.Arbitrary<(agents: TwoAgents) => void> =>
  fc
    .record({
      what: fc.constantFrom(
        'dial' as const,
        'greet' as const,
        'greet' as const,
        'prove' as const,
        'prove' as const,
        'notice' as const,
        'breakAt' as const,
        ...(restarts ? (['restart'] as const) : []),
      ),
      who: side,
      pick: fc.nat({ max: 30 }),
    })
    .map(
      ({ what, who, pick }) =>
        (agents: TwoAgents) =>
          agents[what](who, pick),
    )

describe('the duplicate-session rule', () => {
  test('any interleaving of two sessions, whoever dialled, ends with both sides using the same one', () => {
    const order = fc.shuffledSubarray(
      [0, 1].flatMap((who) =>
        [0, 1].flatMap((pick) =>
          (['greet', 'prove', 'notice', 'greet', 'prove', 'notice'] as const).map((what) => ({
            who: who === 0 ? (0 as const) : (1 as const),
            pick,
            what,
          })),
        ),
      ),
    )
    fc.assert(
      fc.property(side, side, order, (first, second, steps) => {
        const agents = new TwoAgents()
        agents.dial(first)
        agents.dial(second)
        for (const { who, pick, what } of steps) agents[what](who, pick)
        agents.settle()
        expect(agents.verdict(0).use).toBeDefined()
        expect(agents.verdict(0).use).toBe(agents.verdict(1).use)
      }),
      { numRuns: 1_000 },
    )
  })

  test.each([
    { restarts: false, name: 'losses only one side notices' },
    { restarts: true, name: 'losses and restarts' },
  ])('any number of dials, with $name, ends in agreement', ({ restarts }) => {
    fc.assert(
      fc.property(fc.array(happening(restarts), { maxLength: 60 }), (happenings) => {
        const agents = new TwoAgents()
        for (const happen of happenings) happen(agents)
        // Whoever has nothing left dials once more, as a link does.
        agents.settle()
        if (agents.verdict(0).use === undefined || agents.verdict(1).use === undefined) {
          agents.dial(0)
          agents.settle()
        }
        expect(agents.verdict(0).use).toBeDefined()
        expect(agents.verdict(0).use).toBe(agents.verdict(1).use)
        for (const who of [0, 1] as const) {
          const draining = agents.live(who).filter((connection) => connection.ends[who].draining)
          expect(draining.length).toBeLessThanOrEqual(maxDrainingSessions)
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
