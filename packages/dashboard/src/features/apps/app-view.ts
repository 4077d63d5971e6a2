/** What of an app is looked at; its address holds it. */
const appTabs = ['overview', 'logs', 'terminal', 'spec', 'config', 'metrics', 'audit'] as const
export type AppTab = (typeof appTabs)[number]

export interface AppView {
  readonly tab: AppTab
  /** Of logs and terminal. */
  readonly pod: string | undefined
  readonly show: (tab: AppTab, pod?: string) => void
}

export const tabOf = (text: string | undefined): AppTab =>
  appTabs.find((tab) => tab === text) ?? 'overview'

/** As search parameters; what an app opens with is left out. */
export const searchOf = (tab: AppTab, pod?: string): { tab?: string; pod?: string } => ({
  ...(tab !== 'overview' && { tab }),
  ...(pod !== undefined && { pod }),
})
