import { decodeUtf8, encodeUtf8 } from './utf8.ts'

/** Versions of the protocol this code speaks. Frame layout and Hello itself never change. */
export const protocolVersions: readonly number[] = [1]

/** Of all numbers in Hello. Small enough to be added up without losing a digit. */
export const maxHelloCount = 0x7fff_ffff

/** What our side says of itself when a session begins. */
export interface LocalHello {
  /** Random, made when the process starts: the peer sees by it that we started anew. 32 lower-case hex digits. */
  readonly bootId: string
  /** The dialler's count of dials to this peer since its boot, from 1; the acceptor leaves it out. */
  readonly dialSeq?: number
  /** The highest generation the dialler has seen with this peer; see `generationOf` in session-pair-rule.ts. */
  readonly replaces?: number
  /** Our operator confirmed the peering. */
  readonly confirmed: boolean
  /** For people; nothing is decided by it. */
  readonly agentVersion: string
  /** Extensions we speak, by name; both must name one for it to be used. */
  readonly features?: readonly string[]
}

/** What the peer said of itself. It has proven who it is, not that any of this is true. */
export interface PeerHello {
  readonly bootId: string
  readonly dialSeq: number | undefined
  readonly replaces: number | undefined
  readonly confirmed: boolean
  readonly agentVersion: string
  readonly features: readonly string[]
  /** Protocol versions it speaks. */
  readonly versions: readonly number[]
  /** What it allows us. */
  readonly limits: PeerLimits
}

export interface PeerLimits {
  readonly maxStreams: number
  readonly opensPerSecond: number
  readonly openBurst: number
  readonly maxOpenHeaderBytes: number
  readonly initialWindowBytes: number
}

export type HelloReading =
  | { readonly kind: 'hello'; readonly hello: PeerHello }
  | { readonly kind: 'invalid'; readonly message: string }

export function encodeHello(hello: LocalHello, limits: PeerLimits): Uint8Array {
  return encodeUtf8(
    JSON.stringify({
      versions: protocolVersions,
      bootId: hello.bootId,
      dialSeq: hello.dialSeq,
      replaces: hello.replaces,
      confirmed: hello.confirmed,
      agentVersion: hello.agentVersion,
      features: hello.features ?? [],
      limits: {
        maxStreams: limits.maxStreams,
        opensPerSecond: limits.opensPerSecond,
        openBurst: limits.openBurst,
        maxOpenHeaderBytes: limits.maxOpenHeaderBytes,
        initialWindowBytes: limits.initialWindowBytes,
      },
    }),
  )
}

/** Names the first field that is wrong. Fields it does not know are for later versions and skipped. */
export function readHello(payload: Uint8Array): HelloReading {
  const fields = readObject(payload)
  if (fields === undefined) return { kind: 'invalid', message: 'Hello is not a JSON object' }
  const limits = isObject(fields['limits']) ? fields['limits'] : {}
  const hello = {
    versions: fields['versions'],
    bootId: fields['bootId'],
    dialSeq: fields['dialSeq'],
    replaces: fields['replaces'],
    confirmed: fields['confirmed'],
    agentVersion: fields['agentVersion'],
    features: fields['features'],
  }
  if (!isListOf(hello.versions, 16, isCount)) return invalid('versions')
  if (!isText(hello.bootId, /^[0-9a-f]{32}$/)) return invalid('bootId')
  if (!isOptional(hello.dialSeq, isCount)) return invalid('dialSeq')
  if (!isOptional(hello.replaces, isCount)) return invalid('replaces')
  if (typeof hello.confirmed !== 'boolean') return invalid('confirmed')
  if (!isText(hello.agentVersion, /^[\x21-\x7e]{1,64}$/)) return invalid('agentVersion')
  if (!isListOf(hello.features, 64, isFeature)) return invalid('features')
  const { versions, bootId, dialSeq, replaces, confirmed, agentVersion, features } = hello
  const maxStreams = limits['maxStreams']
  const opensPerSecond = limits['opensPerSecond']
  const openBurst = limits['openBurst']
  const maxOpenHeaderBytes = limits['maxOpenHeaderBytes']
  const initialWindowBytes = limits['initialWindowBytes']
  if (!isCount(maxStreams)) return invalid('limits.maxStreams')
  if (!isCount(opensPerSecond)) return invalid('limits.opensPerSecond')
  if (!isCount(openBurst)) return invalid('limits.openBurst')
  if (!isCount(maxOpenHeaderBytes)) return invalid('limits.maxOpenHeaderBytes')
  if (!isCount(initialWindowBytes)) return invalid('limits.initialWindowBytes')
  return {
    kind: 'hello',
    hello: {
      versions,
      bootId,
      dialSeq,
      replaces,
      confirmed,
      agentVersion,
      features,
      limits: { maxStreams, opensPerSecond, openBurst, maxOpenHeaderBytes, initialWindowBytes },
    },
  }
}

/** The highest version both speak. */
export function negotiateVersion(
  ours: readonly number[],
  theirs: readonly number[],
): number | undefined {
  const common = ours.filter((version) => theirs.includes(version))
  return common.length === 0 ? undefined : Math.max(...common)
}

function invalid(field: string): HelloReading {
  return { kind: 'invalid', message: `Hello: ${field} is missing or not what it should be` }
}

function readObject(payload: Uint8Array): Record<string, unknown> | undefined {
  const text = decodeUtf8(payload)
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount(value: unknown): value is number {
  return (
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= maxHelloCount
  )
}

function isText(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value)
}

function isFeature(value: unknown): value is string {
  return isText(value, /^[a-z0-9][a-z0-9.-]{0,63}$/)
}

function isOptional<T>(value: unknown, is: (value: unknown) => value is T): value is T | undefined {
  return value === undefined || is(value)
}

function isListOf<T>(
  value: unknown,
  maxLength: number,
  is: (value: unknown) => value is T,
): value is readonly T[] {
  return Array.isArray(value) && value.length <= maxLength && value.every((item) => is(item))
}
