/** What a cluster keeps beside its objects: certificates, the administrator's token, the key that signs tokens. */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { newSigningKey } from './api/service-account-tokens.ts'
import { isUsable, type TlsIdentity } from './api/tls-validity.ts'
import { isObject } from './registry/json.ts'

export interface Credentials {
  readonly adminToken: string
  readonly signingKey: string
  readonly tls?: TlsIdentity
}

export interface CredentialsWish {
  /** Left out: nothing is kept. */
  readonly dir: string | undefined
  readonly host: string
  readonly withTls: boolean
  readonly nowMs: number
}

/** The kept ones, completed by what is missing; made anew only where there are none. */
export async function loadCredentials(wish: CredentialsWish): Promise<Credentials> {
  const path = wish.dir === undefined ? undefined : join(wish.dir, 'credentials.json')
  const kept = path === undefined ? undefined : await readKept(path)
  const tls = wish.withTls ? await usableTls(kept?.tls, wish) : kept?.tls
  const credentials: Credentials = {
    adminToken: kept?.adminToken ?? randomBytes(32).toString('base64url'),
    signingKey: kept?.signingKey ?? newSigningKey(),
    ...(tls !== undefined && { tls }),
  }
  const isNew = kept === undefined || tls !== kept.tls
  if (path !== undefined && isNew) await writeWhole(path, JSON.stringify(credentials))
  return credentials
}

/** Loaded only to issue: the certificate library takes longer to load than all the rest of a start. */
async function usableTls(
  kept: TlsIdentity | undefined,
  wish: CredentialsWish,
): Promise<TlsIdentity> {
  if (kept !== undefined && isUsable(kept, wish.host, wish.nowMs)) return kept
  const { createTlsIdentity } = await import('./api/tls-identity.ts')
  return createTlsIdentity(wish.host, wish.nowMs)
}

/** Undefined only if there is no file: what cannot be read must not be replaced, or every kubeconfig would break. */
async function readKept(path: string): Promise<Credentials | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (isObject(error) && error['code'] === 'ENOENT') return undefined
    throw error
  }
  const value: unknown = JSON.parse(text)
  if (!isObject(value)) throw new Error(`${path} does not hold credentials`)
  const { adminToken, signingKey, tls } = value
  if (typeof adminToken !== 'string' || typeof signingKey !== 'string') {
    throw new Error(`${path} does not hold credentials`)
  }
  return { adminToken, signingKey, ...(isTlsIdentity(tls) && { tls }) }
}

function isTlsIdentity(value: unknown): value is TlsIdentity {
  if (!isObject(value)) return false
  return ['caCert', 'cert', 'key'].every((field) => typeof value[field] === 'string')
}

async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 })
  await writeFile(`${path}.partial`, text, { mode: 0o600, flush: true })
  await rename(`${path}.partial`, path)
}
