import { describe, expect, test } from 'vitest'
import { headerBytes, maxPayloadBytes } from './frame.ts'
import { type Flow, SendScheduler } from './send-scheduler.ts'

const KiB = 1024

class TestFlow implements Flow {
  readonly name: string
  readyBytes: number
  readyToClose = false
  isBulk: boolean

  constructor(name: string, readyBytes: number, isBulk = false) {
    this.name = name
    this.readyBytes = readyBytes
    this.isBulk = isBulk
  }
}

/** Takes turns until `bytes` have gone; answers how many each flow sent, and the order. */
function run(
  scheduler: SendScheduler<TestFlow>,
  bytes: number,
  allowance = Number.POSITIVE_INFINITY,
): { readonly sent: Map<string, number>; readonly order: string[]; readonly largest: number } {
  const sent = new Map<string, number>()
  const order: string[] = []
  let largest = 0
  for (let total = 0; total < bytes;) {
    const turn = scheduler.next(allowance, allowance)
    if (turn === undefined) break
    turn.flow.readyBytes -= turn.bytes
    if (turn.bytes === 0) turn.flow.readyToClose = false
    sent.set(turn.flow.name, (sent.get(turn.flow.name) ?? 0) + turn.bytes)
    if (order.at(-1) !== turn.flow.name) order.push(turn.flow.name)
    largest = Math.max(largest, turn.bytes)
    total += turn.bytes + headerBytes
  }
  return { sent, order, largest }
}

function scheduling(...flows: TestFlow[]): SendScheduler<TestFlow> {
  const scheduler = new SendScheduler<TestFlow>()
  for (const flow of flows) scheduler.activate(flow)
  return scheduler
}

describe('the send scheduler', () => {
  test('gives equal flows equal shares', () => {
    const flows = ['a', 'b', 'c'].map((name) => new TestFlow(name, 1e9))
    const { sent } = run(scheduling(...flows), 3_000 * KiB)
    for (const bytes of sent.values()) expect(bytes / KiB).toBeCloseTo(1_000, -2)
  })

  test('gives bulk an eighth while interactive flows want everything', () => {
    const { sent } = run(
      scheduling(new TestFlow('bulk', 1e9, true), new TestFlow('interactive', 1e9)),
      8_000 * KiB,
    )
    expect(sent.get('bulk')! / KiB).toBeGreaterThan(960)
    expect(sent.get('bulk')! / KiB).toBeLessThan(1_060)
  })

  test('gives bulk everything while nothing else is ready', () => {
    const { sent, largest } = run(scheduling(new TestFlow('bulk', 500 * KiB, true)), 1e9)
    expect(sent.get('bulk')).toBe(500 * KiB)
    expect(largest).toBe(maxPayloadBytes)
  })

  test('lets a flow that just became active overtake those that have been sending', () => {
    const scheduler = scheduling(...['a', 'b', 'c', 'd'].map((name) => new TestFlow(name, 1e9)))
    run(scheduler, 400 * KiB)
    scheduler.activate(new TestFlow('keystroke', 10))
    expect(run(scheduler, 1).order).toEqual(['keystroke'])
  })

  test('does not let flows overtake for ever by pausing between frames', () => {
    const steady = new TestFlow('steady', 1e9)
    const scheduler = scheduling(steady)
    const jumpy = ['a', 'b', 'c'].map((name) => new TestFlow(name, 0))
    let went = 0
    let total = 0
    for (let i = 0; i < 1_000; i += 1) {
      const next = jumpy[i % jumpy.length]!
      next.readyBytes = 4 * KiB
      scheduler.activate(next)
      for (const [name, bytes] of run(scheduler, 1).sent) {
        total += bytes
        if (name === 'steady') went += bytes
      }
    }
    expect(went).toBeGreaterThan(0.2 * total)
  })

  test('cuts frames short only for flows that share', () => {
    expect(run(scheduling(new TestFlow('alone', 1e6)), 1e6).largest).toBe(maxPayloadBytes)
    const shared = run(scheduling(new TestFlow('a', 1e6), new TestFlow('b', 1e6)), 100 * KiB)
    expect(shared.largest).toBeLessThanOrEqual(8 * KiB)
  })

  test('sends nothing beyond the allowance, and no crumbs', () => {
    const scheduler = scheduling(new TestFlow('a', 100 * KiB))
    expect(scheduler.next(20_000, 20_000)?.bytes).toBe(20_000 - headerBytes)
    expect(scheduler.next(3_000, 3_000)).toBeUndefined()
    expect(scheduler.next(0, 0)).toBeUndefined()
  })

  test('holds bulk back alone', () => {
    const scheduler = scheduling(new TestFlow('bulk', 1e6, true), new TestFlow('interactive', 1e4))
    const turns = [scheduler.next(1e6, 0), scheduler.next(1e6, 0)]
    expect(turns.map((turn) => turn?.flow.name)).toEqual(['interactive', 'interactive'])
  })

  test('moves a flow that turns bulk behind the interactive ones', () => {
    const growing = new TestFlow('growing', 1e9)
    const small = new TestFlow('small', 1e6)
    const scheduler = scheduling(growing, small)
    growing.isBulk = true
    expect(run(scheduler, 64 * KiB).order).toEqual(['small'])
  })

  test('sends a Close after the last byte, and forgets who is removed', () => {
    const closing = new TestFlow('closing', 0)
    closing.readyToClose = true
    const gone = new TestFlow('gone', 1e6)
    const scheduler = scheduling(gone, closing)
    scheduler.remove(gone)
    expect(scheduler.next(0, 0)).toEqual({ flow: closing, bytes: 0 })
    closing.readyToClose = false
    expect(scheduler.next(1e6, 1e6)).toBeUndefined()
  })
})
