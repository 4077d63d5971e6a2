import { expect, test } from 'vitest'
import { areSameRules, readRules, textOf } from './rules-text.ts'

test('rules come back from their text as they were', () => {
  const rules = { approval: { required: true }, images: { block: ['docker.io/**'] } }
  expect(readRules(textOf(rules))).toEqual(rules)
})

test('no rules are no text', () => {
  expect(textOf({})).toBe('')
  expect(readRules('')).toEqual({})
  expect(readRules('# only a remark')).toEqual({})
})

test('a rule of which only the name is written says nothing yet', () => {
  expect(readRules('approval:\ntotals:\n  apps:\n  pods: 3\n')).toEqual({ totals: { pods: 3 } })
})

test('text that is no document says why', () => {
  expect(readRules('approval')).toContain('fields and values')
  expect(readRules('approval: [')).toContain('line 1')
})

test('rules in another order are the same, and with another value they are not', () => {
  const rules = { totals: { apps: 1, pods: 2 }, approval: { required: true } }
  const other = { approval: { required: true }, totals: { pods: 2, apps: 1 } }
  expect(areSameRules(rules, other)).toBe(true)
  expect(areSameRules(rules, { ...other, totals: { pods: 2, apps: 2 } })).toBe(false)
})
