import type { SettingsView } from '@porpulsion/contract'
import type { ApiHandlers, NotedFacts } from '../api/index.ts'
import { changedPaths } from './changed-paths.ts'
import type { SettingsStore } from './settings-store.ts'

export function settingsHandlers({ settings }: { readonly settings: SettingsStore }): ApiHandlers {
  /** Which rules changed goes into the audit trail beside who changed them. */
  async function noting(
    { note }: { readonly note: (facts: NotedFacts) => void },
    change: () => Promise<SettingsView>,
  ): Promise<SettingsView> {
    const before = settings.current()
    const view = await change()
    note({ changes: changedPaths(before, settings.current()) })
    return view
  }

  return {
    getSettings: () => Promise.resolve(settings.view()),
    putSettings: (request) => noting(request, () => settings.replace(request.body, request.caller)),
    patchSettings: (request) => noting(request, () => settings.patch(request.body, request.caller)),
  }
}
