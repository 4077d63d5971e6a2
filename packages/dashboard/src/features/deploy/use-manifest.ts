import { useState } from 'react'
import { toYaml } from '../../api/manifest-yaml.ts'
import { emptyDraft, fromYaml, type ManifestDraft } from './manifest-draft.ts'

export interface EditedManifest {
  readonly draft: ManifestDraft
  readonly text: string
  /** Why the text is no manifest; the draft is then what it last was. */
  readonly problem?: string
}

/** The form was used: the text follows. */
const formEdited = (draft: ManifestDraft): EditedManifest => ({ draft, text: toYaml(draft) })

/** The text was edited: it stays as it was typed, comments too, until the form is used. */
function textEdited(before: EditedManifest, text: string): EditedManifest {
  const read = fromYaml(text)
  return read.ok
    ? { draft: read.draft, text }
    : { draft: before.draft, text, problem: read.problem }
}

export function useManifest(): EditedManifest & {
  readonly change: (draft: ManifestDraft) => void
  readonly edit: (text: string) => void
} {
  const [manifest, setManifest] = useState(() => formEdited(emptyDraft))
  return {
    ...manifest,
    change: (draft) => setManifest(formEdited(draft)),
    edit: (text) => setManifest((before) => textEdited(before, text)),
  }
}
