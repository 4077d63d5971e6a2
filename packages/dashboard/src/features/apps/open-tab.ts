/** A tab whose address is not known yet. */
export interface PendingTab {
  /** False when there is no tab: the browser blocked it, or the user closed it. */
  goTo(url: string): boolean
  close(): void
}

/**
 * To be called at once in a click: browsers allow a tab only then, and block one that is opened after an answer has
 * been waited for. The page that comes into it is foreign, so it must not reach back to ours.
 */
export function openTab(open: () => Window | null = () => window.open('', '_blank')): PendingTab {
  const tab = open()
  if (tab !== null) tab.opener = null
  return {
    goTo(url) {
      if (tab === null || tab.closed) return false
      tab.location.replace(url)
      return true
    },
    close: () => tab?.close(),
  }
}
