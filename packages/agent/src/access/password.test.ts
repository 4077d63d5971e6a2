import { expect, test } from 'vitest'
import { assertFitPassword, hashPassword, isPassword, scryptParameters } from './password.ts'

const password = 'correct horse battery'

test('a password is recognised by what is kept of it, and nothing else is', async () => {
  const kept = await hashPassword(password)
  expect(kept).toMatchObject({ algorithm: 'scrypt', ...scryptParameters })
  expect(JSON.stringify(kept)).not.toContain(password)
  await expect(isPassword(password, kept)).resolves.toBe(true)
  await expect(isPassword(`${password} `, kept)).resolves.toBe(false)
})

test('one password is kept differently each time', async () => {
  const [one, other] = [await hashPassword(password), await hashPassword(password)]
  expect(one.hash).not.toBe(other.hash)
})

test('where there is no password nothing is right, and it takes as long to say so', async () => {
  const startedAt = performance.now()
  await isPassword(password, await hashPassword(password))
  const twoHashesMs = performance.now() - startedAt
  const asked = performance.now()
  await expect(isPassword(password, undefined)).resolves.toBe(false)
  await expect(isPassword('', undefined)).resolves.toBe(false)
  expect(performance.now() - asked).toBeGreaterThan(twoHashesMs / 5)
})

test('what was kept with other parameters still works', async () => {
  const { scryptSync } = await import('node:crypto')
  const salt = Buffer.alloc(16, 7)
  const hash = scryptSync(password, salt, 32, { cost: 1_024, blockSize: 8, parallelization: 1 })
  const kept = {
    algorithm: 'scrypt' as const,
    cost: 1_024,
    blockSize: 8,
    parallelization: 1,
    salt: salt.toString('base64url'),
    hash: hash.toString('base64url'),
  }
  await expect(isPassword(password, kept)).resolves.toBe(true)
})

test('one text in two spellings of Unicode is one password', async () => {
  const kept = await hashPassword('caf\u00e9 au lait noir')
  await expect(isPassword('cafe\u0301 au lait noir', kept)).resolves.toBe(true)
})

test.each([
  ['too short', 'short'],
  ['too long', 'x'.repeat(129)],
  ['hardly more than the name', 'alice-alice-2026'],
])('a password that is %s is refused', (_name, unfit) => {
  expect(() => assertFitPassword(unfit, 'alice')).toThrow(
    expect.objectContaining({ code: 'PasswordUnfit' }),
  )
  expect(() => assertFitPassword(password, 'alice')).not.toThrow()
})
