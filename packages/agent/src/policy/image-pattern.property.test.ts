import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isAllowedBy, isBlockedBy } from './image-pattern.ts'
import { formatImage, parseImage, type ImageReference } from './image-reference.ts'

const word = fc.stringMatching(/^[a-z0-9]{1,6}$/)
const registry = fc.constantFrom(
  'ghcr.io',
  'quay.io',
  'localhost:5000',
  'docker.io',
  'r.example.com:8443',
)
const image = fc
  .tuple(registry, fc.array(word, { minLength: 1, maxLength: 4 }), word)
  .map(([host, path, tag]) => parseImage(`${host}/${path.join('/')}:${tag}`)!)

const everySpelling = ({ name, tag }: ImageReference): string[] => [name, `${name}:${tag ?? ''}`]

test('every image is admitted and blocked by its own name, its name with tag, and every path prefix with a slash', () => {
  fc.assert(
    fc.property(image, (reference) => {
      const parts = reference.name.split('/')
      const prefixes = parts.slice(1).map((_, index) => `${parts.slice(0, index + 1).join('/')}/`)
      for (const line of [...everySpelling(reference), ...prefixes]) {
        expect(isAllowedBy(line, reference), line).toBe(true)
        expect(isBlockedBy(line, reference), line).toBe(true)
      }
    }),
  )
})

test('a name that goes on where the line ends is another name', () => {
  fc.assert(
    fc.property(image, word, (reference, more) => {
      const longer = { ...reference, name: reference.name + more }
      expect(isAllowedBy(reference.name, longer)).toBe(false)
      expect(isBlockedBy(reference.name, longer)).toBe(false)
      expect(
        isAllowedBy(formatImage(reference), { ...reference, tag: `${reference.tag ?? ''}${more}` }),
      ).toBe(false)
    }),
  )
})

test('whatever an allow line admits, the same line on the block list stops', () => {
  const line = fc.oneof(
    image.map(formatImage),
    fc
      .array(fc.oneof(word, fc.constantFrom('*', '**', 'a*', 'ghcr.io', 'docker.io')), {
        minLength: 1,
        maxLength: 4,
      })
      .map((parts) => parts.join('/')),
    fc.string({ maxLength: 12 }),
  )
  fc.assert(
    fc.property(line, image, (line, reference) => {
      if (isAllowedBy(line, reference)) expect(isBlockedBy(line, reference)).toBe(true)
    }),
    { numRuns: 1_000 },
  )
})
