import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'
import { passwordLength, PorpulsionError } from '@porpulsion/contract'
import { Type, type Static } from 'typebox'

/** What is kept of a password. The parameters lie beside it, so that those of today may grow. */
export const PasswordHash = Type.Object({
  algorithm: Type.Literal('scrypt'),
  cost: Type.Integer({ minimum: 2, maximum: 2 ** 18 }),
  blockSize: Type.Integer({ minimum: 1, maximum: 16 }),
  parallelization: Type.Integer({ minimum: 1, maximum: 4 }),
  salt: Type.String({ minLength: 22 }),
  hash: Type.String({ minLength: 43 }),
})
export type PasswordHash = Static<typeof PasswordHash>

/** 32 MiB and some 60 ms a guess. */
export const scryptParameters = { cost: 2 ** 15, blockSize: 8, parallelization: 1 } as const
/** Characters a password has besides the name of its user. */
const MIN_BEYOND_NAME = 8
const SALT_BYTES = 16
const HASH_BYTES = 32

export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(SALT_BYTES)
  const hash = await derive(password, salt, scryptParameters)
  return {
    algorithm: 'scrypt',
    ...scryptParameters,
    salt: salt.toString('base64url'),
    hash: hash.toString('base64url'),
  }
}

/** Takes as long when there is nothing to compare with: who exists is not told by the time an answer takes. */
export async function isPassword(given: string, kept: PasswordHash | undefined): Promise<boolean> {
  const { salt, hash, ...parameters } = kept ?? nobodys
  const derived = await derive(given, Buffer.from(salt, 'base64url'), parameters)
  const expected = Buffer.from(hash, 'base64url')
  const isEqual = expected.length === derived.length && timingSafeEqual(expected, derived)
  return isEqual && kept !== undefined
}

/** Throws when this may not become the password of this user. */
export function assertFitPassword(password: string, userName: string): void {
  const { min, max } = passwordLength
  const { length } = plain(password)
  if (length < min || length > max) throw unfit(`A password has ${min} to ${max} characters`)
  const isNameLong = userName.length >= MIN_BEYOND_NAME / 2
  const beyondName = plain(password).toLowerCase().replaceAll(userName, '')
  if (isNameLong && beyondName.length < MIN_BEYOND_NAME)
    throw unfit('The password is hardly more than the name of the user; choose another')
}

const nobodys: PasswordHash = {
  algorithm: 'scrypt',
  ...scryptParameters,
  salt: Buffer.alloc(SALT_BYTES).toString('base64url'),
  hash: Buffer.alloc(HASH_BYTES).toString('base64url'),
}

/** One text has several spellings in Unicode, and keyboards differ in which they send. */
const plain = (password: string): string => password.normalize('NFKC')

function derive(
  password: string,
  salt: Buffer,
  parameters: Pick<PasswordHash, 'cost' | 'blockSize' | 'parallelization'>,
): Promise<Buffer> {
  const { cost, blockSize, parallelization } = parameters
  // Node refuses to use more than it is told it may; scrypt needs this much.
  const maxmem = 256 * cost * blockSize * parallelization
  const options: ScryptOptions = { cost, blockSize, parallelization, maxmem }
  return new Promise((resolve, reject) => {
    scrypt(plain(password), salt, HASH_BYTES, options, (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}

const unfit = (message: string): PorpulsionError =>
  new PorpulsionError('Invalid', 'PasswordUnfit', message, {
    fields: [{ path: 'newPassword', message }],
  })
