import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  applyMergePatch,
  changesBetween,
  mergePatchBetween,
  valueAt,
  withValue,
  type Document,
} from './document.ts'

const before: Document = {
  images: { allow: ['a/**'], requireDigest: true },
  peers: { b: { storage: { enabled: true } } },
}

test('a value is set where it belongs, and the document it came from stays as it was', () => {
  const after = withValue(before, 'images.requireDigest', false)
  expect(after).toEqual({ ...before, images: { allow: ['a/**'], requireDigest: false } })
  expect(valueAt(before, 'images.requireDigest')).toBe(true)
})

test('a value taken away takes along what would be empty above it', () => {
  expect(withValue(before, 'peers.b.storage.enabled', undefined)).toEqual({
    images: before['images'],
  })
  expect(withValue(before, 'totals.apps', undefined)).toEqual(before)
})

test('a peer may be called like a property that every object has', () => {
  expect(valueAt({ peers: {} }, 'peers.constructor.name')).toBeUndefined()
  expect(withValue({}, 'peers.constructor.exec.enabled', false)).toEqual({
    peers: { constructor: { exec: { enabled: false } } },
  })
})

test('changes are told value by value, also of parts that come and go whole', () => {
  const after = { images: { allow: ['a/**', 'b'] }, totals: { apps: 3 } }
  expect(changesBetween(before, after)).toEqual([
    { path: 'images.allow', before: ['a/**'], after: ['a/**', 'b'] },
    { path: 'images.requireDigest', before: true, after: undefined },
    { path: 'peers.b.storage.enabled', before: true, after: undefined },
    { path: 'totals.apps', before: undefined, after: 3 },
  ])
  expect(changesBetween(before, structuredClone(before))).toEqual([])
})

const documents = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.boolean(),
    fc.nat(9),
    fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 }),
    tie('document'),
  ),
  document: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), {
    noNullPrototype: true,
  }),
})).document as fc.Arbitrary<Document> // a dictionary, as said above

test('the patch between two documents makes the one of the other', () => {
  fc.assert(
    fc.property(documents, documents, (one, other) => {
      expect(applyMergePatch(one, mergePatchBetween(one, other))).toEqual(other)
    }),
  )
})
