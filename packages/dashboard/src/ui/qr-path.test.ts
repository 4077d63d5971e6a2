import { expect, test } from 'vitest'
import { qrPath } from './qr-path.ts'

test('a code begins after its quiet zone, with the seven modules of a finder', () => {
  const { modules, path } = qrPath('porp1.abc')
  expect(modules).toBe(21 + 2 * 4)
  expect(path).toMatch(/^M4 4h7v1h-7z/)
})

test('an invite of the greatest length that occurs still fits into one code', () => {
  expect(qrPath(`porp1.${'a'.repeat(2_400)}`).modules).toBeLessThanOrEqual(177 + 8)
})
