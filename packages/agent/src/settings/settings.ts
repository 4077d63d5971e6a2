import { createHash } from 'node:crypto'
import {
  defaultSettings,
  PorpulsionError,
  schemaErrors,
  SettingsDocument,
  type FieldError,
  type Settings,
} from '@porpulsion/contract'

/** The document as its owner wrote it, checked. Throws `SettingsInvalid` that names every wrong field. */
export function parseSettings(value: unknown): SettingsDocument {
  const document = value ?? {}
  const fields = schemaErrors(SettingsDocument, document)
  if (fields.length > 0) throw settingsInvalid(fields)
  return document // schemaErrors found nothing against it
}

/** What is in force when nothing valid ever was: nobody's apps are taken until the owner says what they want. */
export const closedSettings: Settings = {
  ...defaultSettings,
  inbound: { ...defaultSettings.inbound, enabled: false },
}

/** The same for the same rules, however they are written. */
export function settingsRevision(settings: Settings): string {
  return createHash('sha256').update(canonicalJson(settings)).digest('hex').slice(0, 16)
}

/** RFC 7386: null removes, objects merge, everything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const merged = new Map(Object.entries(isObject(target) ? target : {}))
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key)
    else merged.set(key, mergePatch(merged.get(key), value))
  }
  return Object.fromEntries(merged)
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    isObject(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function settingsInvalid(fields: readonly FieldError[]): PorpulsionError {
  const listed = fields.map(({ path, message }) => `${path}: ${message}`).join('; ')
  return new PorpulsionError('Invalid', 'SettingsInvalid', `The settings are invalid: ${listed}`, {
    fields,
  })
}
