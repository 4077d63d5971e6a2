import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LogPosition } from './log-position.ts'
import { nanosOf, timeOf, wholeSecondsOf } from './log-time.ts'

test('times survive the way there and back, whatever their zone and digits', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 4_000_000_000_000_000_000n }), (nanos) => {
      expect(nanosOf(timeOf(nanos))).toBe(nanos)
      expect(nanosOf(wholeSecondsOf(nanos))).toBe(nanos - (nanos % 1_000_000_000n))
    }),
  )
  expect(nanosOf('2030-01-01T01:00:00.5+01:00')).toBe(nanosOf('2030-01-01T00:00:00.500000000Z'))
  expect(nanosOf('yesterday')).toBeUndefined()
})

test('however often a reader is cut off and goes on, it has every line once and in order', () => {
  // Times repeat: containers write many lines within one tick of their clock.
  const log = fc.array(fc.nat(2), { minLength: 1, maxLength: 30 }).map((steps) => {
    let now = 1_000_000_000n
    return steps.map((step, index) => {
      now += BigInt(step) * 400_000_000n
      return { time: timeOf(now), text: `line ${index}` }
    })
  })
  fc.assert(
    fc.property(log, fc.array(fc.nat(30), { maxLength: 6 }), (lines, cuts) => {
      const position = new LogPosition()
      const seen: string[] = []
      for (const cut of [...cuts, lines.length]) {
        position.rewind()
        // What the server sends again begins with the second of the last line.
        const from = position.at === undefined ? undefined : nanosOf(wholeSecondsOf(position.at))
        const sent = lines.filter(({ time }) => from === undefined || nanosOf(time)! >= from)
        for (const { time, text } of sent.slice(0, cut)) if (position.take(time)) seen.push(text)
      }
      expect(seen).toEqual(lines.slice(0, seen.length).map(({ text }) => text))
      expect(seen).toHaveLength(lines.length)
    }),
  )
})
