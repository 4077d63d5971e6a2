import { effectiveSettings, type Settings } from '@porpulsion/contract'
import { changedPaths } from './changed-paths.ts'
import { parseSettings } from './settings.ts'

export interface RulesPreview {
  /** As they would be in force. */
  readonly settings: Settings
  /** Dotted paths. */
  readonly changes: readonly string[]
}

/** What a document would make of the rules in force. Throws `SettingsInvalid`, as writing it would. */
export function previewOf(document: unknown, current: Settings): RulesPreview {
  const settings = effectiveSettings(parseSettings(document))
  return { settings, changes: changedPaths(current, settings) }
}
