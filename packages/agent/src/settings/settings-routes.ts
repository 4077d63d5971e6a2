import type { ApiHandlers } from '../api/index.ts'
import type { SettingsStore } from './settings-store.ts'

export function settingsHandlers({ settings }: { readonly settings: SettingsStore }): ApiHandlers {
  return {
    getSettings: () => Promise.resolve(settings.view()),
    putSettings: ({ body, caller }) => settings.replace(body, caller),
    patchSettings: ({ body, caller }) => settings.patch(body, caller),
  }
}
