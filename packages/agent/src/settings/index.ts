/**
 * The owner's rules as one validated document: read from a ConfigMap anybody with rights there may edit, changed
 * through page, API and CLI, followed. What is in force is always valid.
 *
 * Must not know what a rule means: that is policy's.
 */
export { createSettingsStore, type SettingsStore } from './settings-store.ts'
export { previewOf, type RulesPreview } from './preview.ts'
export { recordRuleChanges } from './rule-changes.ts'
export { settingsHandlers } from './settings-routes.ts'
export { mergePatch } from './settings.ts'
