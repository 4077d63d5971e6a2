import { effectiveSettings } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { withValue } from './document.ts'
import { draftOf, edited, storedDocument } from './draft.ts'

const stored = { images: { allow: ['a'] } }
const edits = edited(stored, undefined, withValue(stored, 'totals.apps', 3))

test('what somebody else changes meanwhile stays changed', () => {
  const theirs = withValue(stored, 'images.allow', ['a', 'b'])
  const draft = draftOf(theirs, edits)
  expect(draft.document).toEqual({ images: { allow: ['a', 'b'] }, totals: { apps: 3 } })
  expect(draft.changes).toEqual([{ path: 'totals.apps', before: undefined, after: 3 }])
  expect(draft.conflicts).toEqual([])
})

test('what both change is told, and the edit is kept', () => {
  const draft = draftOf(withValue(stored, 'totals.apps', 9), edits)
  expect(draft.conflicts).toEqual([{ path: 'totals.apps', before: undefined, after: 9 }])
  expect(draft.changes).toEqual([{ path: 'totals.apps', before: 9, after: 3 }])
})

test('when both made the same change, there is nothing to tell', () => {
  const draft = draftOf(withValue(stored, 'totals.apps', 3), edits)
  expect([draft.changes, draft.conflicts]).toEqual([[], []])
})

test('an edit that is taken back is none', () => {
  expect(edited(stored, edits, stored)).toBeUndefined()
})

test('a stored document that is not valid is edited as the rules in force', () => {
  const effective = effectiveSettings({ approval: { required: true }, peers: { b: {} } })
  const view = { revision: '1', document: 'images: [', effective, problem: 'no YAML' }
  expect(storedDocument(view)).toEqual({ approval: { required: true }, peers: { b: {} } })
  expect(storedDocument({ revision: '1', document: stored, effective })).toBe(stored)
})
