import type { SettingsView } from '@porpulsion/contract'
import { useMemo, useState } from 'react'
import { withValue, type Document } from './document.ts'
import { draftOf, edited, storedDocument, type Draft, type Edits } from './draft.ts'

export interface DraftInHand extends Draft {
  /** `undefined` goes back to the default, or for one peer to the general rule. */
  readonly set: (path: string, value: unknown) => void
  readonly replace: (document: Document) => void
  readonly discard: () => void
}

/** What is being edited. It lives as long as the page, and follows what is stored. */
export function useDraft(view: SettingsView): DraftInHand {
  const [edits, setEdits] = useState<Edits>()
  const stored = useMemo(() => storedDocument(view), [view])
  const draft = useMemo(() => draftOf(stored, edits), [stored, edits])
  const replace = (document: Document): void => setEdits(edited(stored, edits, document))
  return {
    ...draft,
    replace,
    set: (path, value) => replace(withValue(draft.document, path, value)),
    discard: () => setEdits(undefined),
  }
}
