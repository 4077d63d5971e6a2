import { defaultSettings, type Settings } from '@porpulsion/contract'

export interface ChangingSettings {
  /** As a feature is handed them. */
  readonly settings: {
    readonly current: () => Settings
    readonly onChange: (listener: () => void) => () => void
  }
  /** As the owner changes them. */
  readonly change: (settings: Partial<Settings>) => void
}

/** The defaults, until the test says otherwise. */
export function changingSettings(): ChangingSettings {
  const listeners = new Set<() => void>()
  let current: Settings = defaultSettings
  return {
    settings: {
      current: () => current,
      onChange: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    change: (settings) => {
      current = { ...current, ...settings }
      for (const listener of listeners) listener()
    },
  }
}
