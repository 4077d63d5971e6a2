/** The draft of a manifest over a reload of the page, in this tab only, and never the values of secrets. */
import { secretPaths, textWithout } from './secret-values.ts'
import { readText } from './manifest-document.ts'

const KEY = 'porpulsion-draft'

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

export function keepDraft(text: string, store: Store = sessionStorage): void {
  const kept = textWithout(text, '')
  // A text in the middle of a change: the last one that could be read stays.
  if (kept === '') return
  try {
    store.setItem(KEY, kept)
  } catch {
    // There is no room for it: it is a convenience.
  }
}

export const keptDraft = (store: Store = sessionStorage): string | undefined =>
  store.getItem(KEY) ?? undefined

export function dropDraft(store: Store = sessionStorage): void {
  store.removeItem(KEY)
}

/** Whether leaving the page would lose values that are kept nowhere. */
export function holdsSecrets(text: string): boolean {
  const read = readText(text)
  return read.ok && secretPaths(read.value, '').length > 0
}
