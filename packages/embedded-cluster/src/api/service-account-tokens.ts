/** Tokens of ServiceAccounts: signed by the cluster, bound to the account's uid, with an end. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
  verify,
} from 'node:crypto'
import { objectAt, listAt, numberAt, stringAt } from '../registry/fields.ts'
import { Kinds } from '../registry/kinds.ts'
import type { Clock } from '../registry/ports.ts'
import type { Registry, Stored } from '../registry/registry.ts'
import type { Identity } from './api-request.ts'

const issuer = 'https://kubernetes.default.svc.cluster.local'
/** What a token is for unless it says otherwise: this API server. */
export const defaultAudiences = [issuer]
export const minTokenSeconds = 600
const maxTokenSeconds = 365 * 24 * 3_600

export interface TokenWish {
  readonly audiences: readonly string[]
  readonly expirationSeconds: number
}

export interface IssuedToken {
  readonly token: string
  readonly expiresAtMs: number
}

export interface VerifiedToken {
  readonly identity: Identity
  readonly audiences: readonly string[]
}

export interface ServiceAccountTokensDeps {
  readonly registry: Registry
  readonly clock: Clock
  /** PKCS #8 PEM of an EC P-256 key. */
  readonly signingKey: string
}

export function newSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

export class ServiceAccountTokens {
  readonly #registry: Registry
  readonly #clock: Clock
  readonly #privateKey: KeyObject
  readonly #publicKey: KeyObject

  constructor(deps: ServiceAccountTokensDeps) {
    this.#registry = deps.registry
    this.#clock = deps.clock
    this.#privateKey = createPrivateKey(deps.signingKey)
    this.#publicKey = createPublicKey(this.#privateKey)
  }

  issue(account: Stored, wish: TokenWish): IssuedToken {
    const { name, namespace = '', uid } = account.metadata
    const now = Math.floor(this.#clock.now() / 1_000)
    const lifetime = Math.min(maxTokenSeconds, Math.max(minTokenSeconds, wish.expirationSeconds))
    const claims = {
      aud: wish.audiences.length === 0 ? defaultAudiences : wish.audiences,
      exp: now + lifetime,
      iat: now,
      nbf: now,
      iss: issuer,
      jti: randomUUID(),
      sub: username(namespace, name),
      'kubernetes.io': { namespace, serviceaccount: { name, uid } },
    }
    const content = `${encode({ alg: 'ES256', typ: 'JWT' })}.${encode(claims)}`
    const signature = sign('sha256', Buffer.from(content), {
      key: this.#privateKey,
      dsaEncoding: 'ieee-p1363',
    })
    return {
      token: `${content}.${signature.toString('base64url')}`,
      expiresAtMs: (now + lifetime) * 1_000,
    }
  }

  /** Undefined for anything that is not a live token of an account that still exists. */
  verify(token: string): VerifiedToken | undefined {
    const claims = this.#claims(token)
    const bound = objectAt(claims, 'kubernetes.io')
    const namespace = stringAt(bound, 'namespace') ?? ''
    const name = stringAt(bound, 'serviceaccount', 'name') ?? ''
    const account = this.#registry.get(Kinds.ServiceAccount, { namespace, name })
    if (account?.metadata.uid !== stringAt(bound, 'serviceaccount', 'uid')) return undefined
    if (account === undefined) return undefined
    return {
      audiences: listAt(claims, 'aud').filter((audience) => typeof audience === 'string'),
      identity: {
        username: username(namespace, name),
        uid: account.metadata.uid,
        groups: [
          'system:serviceaccounts',
          `system:serviceaccounts:${namespace}`,
          'system:authenticated',
        ],
      },
    }
  }

  #claims(token: string): unknown {
    const [header, payload, signature, ...rest] = token.split('.')
    if (header === undefined || payload === undefined || signature === undefined) return undefined
    const isGenuine =
      rest.length === 0 &&
      stringAt(decode(header), 'alg') === 'ES256' &&
      verify(
        'sha256',
        Buffer.from(`${header}.${payload}`),
        { key: this.#publicKey, dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature, 'base64url'),
      )
    if (!isGenuine) return undefined
    const claims = decode(payload)
    const now = this.#clock.now() / 1_000
    const isLive = (numberAt(claims, 'exp') ?? 0) > now && (numberAt(claims, 'nbf') ?? 0) <= now + 5
    return isLive && stringAt(claims, 'iss') === issuer ? claims : undefined
  }
}

function username(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
  } catch {
    return undefined // Not JSON: not one of our tokens.
  }
}
