import type { LinkChange, LinkStateName } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { knownSpan, linkPeriods, upShare } from './link-periods.ts'

const at = (minute: number): number => Date.UTC(2030, 0, 1, 12, minute)
const change = (minute: number, state: LinkStateName): LinkChange => ({
  time: new Date(at(minute)).toISOString(),
  state,
})
const span = { fromMs: at(0), toMs: at(40) }

test('a day is made of what was in it, without gaps, and begins with what nobody knows', () => {
  const periods = linkPeriods([change(10, 'Connected'), change(30, 'Disconnected')], span)
  expect(periods.map(({ fromMs, toMs, state }) => [fromMs, toMs, state])).toEqual([
    [at(0), at(10), undefined],
    [at(10), at(30), 'Connected'],
    [at(30), at(40), 'Disconnected'],
  ])
})

test('what was before the span reaches into it', () => {
  const [first] = linkPeriods([change(-90, 'Disconnected'), change(-60, 'Connected')], span)
  expect(first).toMatchObject({ fromMs: at(0), toMs: at(40), state: 'Connected' })
})

test('what has not happened yet, by a clock ahead of ours, is left out', () => {
  expect(linkPeriods([change(50, 'Connected')], span)).toMatchObject([{ state: undefined }])
})

test('a link was up for a share of the time that is known', () => {
  const periods = linkPeriods([change(0, 'Connected'), change(30, 'Disconnected')], span)
  expect(upShare(periods)).toBe(0.75)
  expect(upShare(linkPeriods([], span))).toBeUndefined()
})

test('a day is shown from where something is known of it, and never less than a quarter of an hour', () => {
  const known = (minute: number) =>
    knownSpan({ intervalSeconds: 60, changes: [change(minute, 'Connected')], samples: [] }, at(40))
  expect(known(-20)).toEqual({ fromMs: at(-20), toMs: at(40) })
  expect(known(39)).toEqual({ fromMs: at(25), toMs: at(40) })
  expect(known(-3_000)).toEqual({ fromMs: at(40 - 24 * 60), toMs: at(40) })
})
