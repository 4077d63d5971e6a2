/** Rules being edited, on top of whatever is stored right now: what others change meanwhile is not undone by saving. */
import { defaultSettings, type SettingsView } from '@porpulsion/contract'
import {
  applyMergePatch,
  changesBetween,
  isDocument,
  mergePatchBetween,
  type Change,
  type Document,
} from './document.ts'

export interface Edits {
  /** As it was when the first edit was made. */
  readonly base: Document
  readonly patch: Document
}

export interface Draft {
  readonly stored: Document
  readonly document: Document
  readonly changes: readonly Change[]
  /** What somebody else changed meanwhile and these edits would change again. */
  readonly conflicts: readonly Change[]
}

/** The stored document; of one that is not valid, the rules in force instead, written as briefly as they can be. */
export function storedDocument({ document, effective, problem }: SettingsView): Document {
  if (problem === undefined && isDocument(document)) return document
  return isDocument(effective) ? applyMergePatch({}, withoutDefaults(effective)) : {}
}

/** Edits that are none any more, as when somebody took a change back, are `undefined`. */
export function edited(
  stored: Document,
  edits: Edits | undefined,
  next: Document,
): Edits | undefined {
  const patch = mergePatchBetween(stored, next)
  return Object.keys(patch).length === 0 ? undefined : { base: edits?.base ?? stored, patch }
}

export function draftOf(stored: Document, edits: Edits | undefined): Draft {
  if (edits === undefined) return { stored, document: stored, changes: [], conflicts: [] }
  const document = applyMergePatch(stored, edits.patch)
  const changes = changesBetween(stored, document)
  const mine = new Set(changes.map(({ path }) => path))
  const conflicts = changesBetween(edits.base, stored).filter(({ path }) => mine.has(path))
  return { stored, document, changes, conflicts }
}

function withoutDefaults(effective: Document): Document {
  const patch = mergePatchBetween({ ...defaultSettings }, effective)
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== null))
}
