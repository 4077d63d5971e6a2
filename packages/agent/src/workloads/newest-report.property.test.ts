import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bootLives, bootSeen, isNewer, noBoots, type ReportPosition } from './newest-report.ts'

/** What a submitter keeps of one app at one host, fed message by message. */
function aSubmitter(): {
  known: ReportPosition | undefined
  report(r: ReportPosition): void
  inventory(bootId: string): void
} {
  let boots = noBoots
  return {
    known: undefined,
    report(report) {
      boots = bootSeen(boots, report.bootId)
      if (isNewer(report, this.known, boots)) this.known = report
    },
    inventory(bootId) {
      boots = bootLives(boots, bootId)
    },
  }
}

const reports = (bootId: string, count: number): ReportPosition[] =>
  Array.from({ length: count }, (_, sequence) => ({ bootId, sequence }))

test('in whatever order and however often the reports of one boot arrive, the last one counts', () => {
  const deliveries = fc
    .integer({ min: 1, max: 8 })
    .chain((count) =>
      fc.tuple(
        fc.shuffledSubarray(reports('boot', count), { minLength: count }),
        fc.array(fc.nat(count - 1)),
      ),
    )
  fc.assert(
    fc.property(deliveries, ([order, repeats]) => {
      const submitter = aSubmitter()
      for (const report of order) submitter.report(report)
      for (const index of repeats) submitter.report(order[index]!)
      expect(submitter.known).toEqual({ bootId: 'boot', sequence: order.length - 1 })
    }),
  )
})

test('whatever arrives late from earlier boots, after an inventory and a report of the living one it counts', () => {
  const message = fc.record({ bootId: fc.constantFrom('one', 'two', 'three'), sequence: fc.nat(9) })
  fc.assert(
    fc.property(fc.array(message), fc.array(message), (before, after) => {
      const submitter = aSubmitter()
      for (const report of before) submitter.report(report)
      submitter.inventory('three')
      const last = { bootId: 'three', sequence: 10 }
      submitter.report(last)
      for (const report of after.filter(({ bootId }) =>
        before.some((seen) => seen.bootId === bootId),
      ))
        submitter.report(report)
      expect(submitter.known).toEqual(last)
    }),
  )
})

test('a new boot starts its sequence anew and still wins', () => {
  const submitter = aSubmitter()
  submitter.report({ bootId: 'one', sequence: 900 })
  submitter.report({ bootId: 'two', sequence: 1 })
  submitter.report({ bootId: 'one', sequence: 901 })
  expect(submitter.known).toEqual({ bootId: 'two', sequence: 1 })
})
