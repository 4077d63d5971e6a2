import { AGENT, type Audit } from '../audit/index.ts'
import { changedPaths } from './changed-paths.ts'
import type { SettingsStore } from './settings-store.ts'

/** Every change of the rules in force is in the audit trail, also one by kubectl, of which we do not know by whom. */
export function recordRuleChanges(
  settings: Pick<SettingsStore, 'current' | 'onChange'>,
  audit: Audit,
): void {
  let before = settings.current()
  settings.onChange(() => {
    const changes = changedPaths(before, settings.current())
    before = settings.current()
    if (changes.length > 0)
      audit.record({ actor: AGENT, action: 'rulesInForce', outcome: 'done', changes })
  })
}
