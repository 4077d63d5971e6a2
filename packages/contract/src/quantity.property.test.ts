import fc from 'fast-check'
import { expect, test } from 'vitest'
import { patterns } from './patterns.ts'
import { formatQuantity, parseQuantity } from './quantity.ts'

const NANO = 1_000_000_000n

test.each([
  ['0', 0n],
  ['1', NANO],
  ['250m', NANO / 4n],
  ['0.5', NANO / 2n],
  ['.5', NANO / 2n],
  ['1n', 1n],
  ['1.5Gi', (3n * 2n ** 30n * NANO) / 2n],
  ['500000M', 500_000_000_000n * NANO],
  ['10T', 10n ** 13n * NANO],
  ['1e3', 1_000n * NANO],
  ['1E3', 1_000n * NANO],
  ['1E', 10n ** 18n * NANO],
  ['1e-3', NANO / 1_000n],
  ['1Ki', 1_024n * NANO],
  ['128Mi', 134_217_728n * NANO],
])('%s is read exactly', (text, nano) => {
  expect(parseQuantity(text)).toBe(nano)
})

test.each([
  '',
  ' 1',
  '1 ',
  '1K',
  '1mi',
  'Mi',
  '1..5',
  '1.5.',
  '0x10',
  '1e',
  '--1',
  'NaN',
  'Infinity',
  '1e9999',
])('%j is no quantity', (text) => {
  expect(parseQuantity(text)).toBeUndefined()
  expect(new RegExp(patterns.quantity).test(text)).toBe(false)
})

test('a fraction finer than a nano rounds up, so that it never counts as nothing', () => {
  expect(parseQuantity('0.0000000001')).toBe(1n)
})

const suffix = fc.constantFrom(
  'n',
  'u',
  'm',
  '',
  'k',
  'M',
  'G',
  'T',
  'P',
  'E',
  'Ki',
  'Mi',
  'Gi',
  'Ti',
  'Pi',
  'Ei',
)

test('twice the number is twice the quantity, for whole numbers in every suffix', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 12n), suffix, (number, unit) => {
      const once = parseQuantity(`${number}${unit}`)
      expect(once).toBeDefined()
      expect(parseQuantity(`${number * 2n}${unit}`)).toBe((once ?? 0n) * 2n)
    }),
  )
})

test('the schema pattern and the parser agree on what is a quantity', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9.eEinumkKMGTP+-]{0,8}$/), (text) => {
      const bySchema = new RegExp(patterns.quantity).test(text)
      const parsed = parseQuantity(text)
      // The parser also reads signs, which a spec may not carry.
      if (bySchema) expect(parsed).toBeDefined()
      else if (parsed !== undefined) expect(text).toMatch(/^[+-]/)
    }),
    { numRuns: 2_000 },
  )
})

test('what is written is read as the same amount', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 70n), (nano) => {
      expect(parseQuantity(formatQuantity(nano))).toBe(nano)
    }),
  )
  expect(
    ['1500m', '2', '512Mi', '1073741825'].map((t) => formatQuantity(parseQuantity(t) ?? 0n)),
  ).toEqual(['1500m', '2', '512Mi', '1073741825'])
})
