import { expect, test } from 'vitest'
import { sections } from './fields.ts'
import { fieldsIn, fieldState, pathIn } from './scope.ts'

const stored = {
  images: { block: ['evil/**'] },
  totals: { apps: 10 },
  approval: { required: true },
}

test('a rule that nobody wrote shows its default', () => {
  const state = fieldState('tunnels.mode', undefined, stored, stored)
  expect(state).toMatchObject({ value: 'allow', isSet: false, isInherited: false })
})

test('for one peer the general rule is shown until it is overridden', () => {
  expect(fieldState('approval.required', 'b', stored, stored)).toMatchObject({
    value: true,
    isInherited: true,
    overrideWith: true,
  })
  const draft = { ...stored, peers: { b: { approval: { required: false } } } }
  expect(fieldState('approval.required', 'b', stored, draft)).toMatchObject({
    value: false,
    isInherited: false,
    isSet: true,
    isChanged: true,
  })
})

test('blocked images of one peer are blocked besides those of all', () => {
  expect(fieldState('images.block', 'b', stored, stored)).toMatchObject({
    value: [],
    besides: ['evil/**'],
  })
})

test('the totals of all are no totals of one peer', () => {
  expect(fieldState('totals.apps', 'b', stored, stored).value).toBe(0)
  expect(fieldState('totals.apps', undefined, stored, stored).value).toBe(10)
})

test('for one peer only what can be said for one is asked', () => {
  const shown = sections.flatMap((section) => fieldsIn(section, 'b').map(({ path }) => path))
  expect(shown).toContain('images.allow')
  expect(shown).not.toContain('inbound.allowPeers')
  expect(shown).not.toContain('peering.autoConfirm')
})

test('an override stands below the name of its peer', () => {
  expect(pathIn('b', 'images.allow')).toBe('peers.b.images.allow')
})
