/** What a field shows: of the general rules, or of what is said for one peer. */
import { defaultSettings, effectiveSettings } from '@porpulsion/contract'
import { isSame, valueAt, type Document } from './document.ts'
import type { FieldPlace, Section } from './fields.ts'
import { peerPaths } from './field-schema.ts'

export interface FieldState {
  /** Whose rules these are; `undefined` for everybody's. */
  readonly peer: string | undefined
  readonly value: unknown
  /** The document says so itself, rather than the default or the general rule. */
  readonly isSet: boolean
  /** Of a peer: the general rule holds. */
  readonly isInherited: boolean
  readonly isChanged: boolean
  /** What an override starts from. */
  readonly overrideWith: unknown
  /** What holds besides, whatever is said here. */
  readonly besides: readonly string[]
}

export const pathIn = (peer: string | undefined, path: string): string =>
  peer === undefined ? path : `peers.${peer}.${path}`

export function fieldState(
  path: string,
  peer: string | undefined,
  stored: Document,
  draft: Document,
): FieldState {
  const own = valueAt(draft, pathIn(peer, path))
  const isSet = own !== undefined
  const general = valueAt(effectiveSettings(draft), path)
  const inherited = peer === undefined ? general : inheritedOf(path, general)
  return {
    peer,
    value: isSet ? own : inherited,
    isSet,
    isInherited: peer !== undefined && !isSet,
    isChanged: !isSame(own, valueAt(stored, pathIn(peer, path))),
    overrideWith: inherited,
    besides: peer !== undefined && adds(path) && Array.isArray(general) ? general.map(String) : [],
  }
}

/** A list of one peer that stands beside the general one, rather than in its place. */
const adds = (path: string): boolean => path === 'images.block'

/** Totals of a peer are a second set beside those of all, and have no limit of their own at first. */
function inheritedOf(path: string, general: unknown): unknown {
  if (adds(path)) return []
  return path.startsWith('totals.') ? valueAt(defaultSettings, path) : general
}

/** What can be said at all, there. */
export function fieldsIn(section: Section, peer: string | undefined): readonly FieldPlace[] {
  return peer === undefined
    ? section.fields
    : section.fields.filter(({ path }) => peerPaths.has(path))
}
