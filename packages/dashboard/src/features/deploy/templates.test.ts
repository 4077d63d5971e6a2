import { expect, test } from 'vitest'
import { readText, withValue } from './manifest-document.ts'
import { blank, templates } from './templates.ts'
import { errorsOf } from './use-manifest.ts'

test.each(templates)('$title needs a peer, and nothing else', ({ text }) => {
  const read = readText(withValue(text, ['spec', 'targetPeer'], 'b'))
  expect(read.ok && errorsOf(read.value)).toEqual([])
})

test('of an empty manifest it is said what is missing', () => {
  const read = readText(blank)
  expect(
    read.ok &&
      errorsOf(read.value)
        .map(({ path }) => path)
        .toSorted(),
  ).toEqual(['metadata.name', 'spec.image', 'spec.targetPeer'])
})
