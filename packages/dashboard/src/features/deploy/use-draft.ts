import type { RemoteApp } from '@porpulsion/contract'
import { useSearch } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { copyOf, hasSecrets } from './copy-of.ts'
import { keepDraft, keptDraft } from './draft-storage.ts'
import { readText, withValue } from './manifest-document.ts'
import type { Imported } from './import-manifests.ts'
import { secretPaths } from './secret-values.ts'
import { blank, templateOf, type Template } from './templates.ts'
import { useManifest, type EditedManifest } from './use-manifest.ts'

export type Start =
  | { readonly kind: 'template'; readonly template: Template }
  | { readonly kind: 'copy'; readonly app: RemoteApp }

export interface Draft {
  readonly manifest: EditedManifest
  /** What is worth knowing of where it came from. */
  readonly notes: readonly string[]
  readonly closeNotes: () => void
  /** Nothing has been begun. */
  readonly isPristine: boolean
  /** Somebody's own work is in it. */
  readonly isChanged: boolean
  readonly edit: (text: string) => void
  readonly start: (start: Start) => void
  readonly take: (imported: Imported) => void
}

interface Begun {
  readonly text: string
  readonly notes: readonly string[]
}

/** The manifest of the page: from its address, from before a reload, or empty; and kept for the next reload. */
export function useDraft(apps: readonly RemoteApp[]): Draft {
  const search = useSearch({ from: '/deploy' })
  const [begun, setBegun] = useState<Begun>(() => beginning(search, apps))
  const manifest = useManifest(() => begun.text)
  const first = useRef(begun.text)
  const { text, setText } = manifest
  const begin = (next: Begun): void => {
    // Where it runs is chosen once.
    const peer = peerOf(text) ?? search.peer
    const started =
      peer === undefined || peerOf(next.text) !== undefined ? next.text : withPeer(next.text, peer)
    first.current = started
    setBegun({ ...next, text: started })
    setText(started)
  }
  const isChanged = text !== first.current
  useEffect(() => {
    if (isChanged) keepDraft(text)
  }, [text, isChanged])
  return {
    manifest,
    notes: begun.notes,
    closeNotes: () => setBegun({ ...begun, notes: [] }),
    isPristine: !isChanged && begun.notes.length === 0 && withoutPeer(text) === blank,
    isChanged,
    edit: setText,
    start: (start) => begin(startOf(start)),
    take: (imported) =>
      imported.ok
        ? begin({ text: imported.text, notes: imported.leftOut })
        : setBegun({ ...begun, notes: [imported.problem] }),
  }
}

function beginning(
  search: { readonly copy?: string; readonly template?: string; readonly peer?: string },
  apps: readonly RemoteApp[],
): Begun {
  const begun = sourceOf(search, apps)
  return search.peer === undefined || peerOf(begun.text) !== undefined
    ? begun
    : { ...begun, text: withPeer(begun.text, search.peer) }
}

function sourceOf(
  { copy, template }: { readonly copy?: string; readonly template?: string },
  apps: readonly RemoteApp[],
): Begun {
  if (copy !== undefined) {
    const app = apps.find(({ metadata }) => `${metadata.namespace ?? ''},${metadata.name}` === copy)
    if (app !== undefined) return startOf({ kind: 'copy', app })
    return { text: blank, notes: [`There is no app ${copy.replace(',', '/')} to copy.`] }
  }
  const chosen = templateOf(template)
  if (chosen !== undefined) return startOf({ kind: 'template', template: chosen })
  const kept = keptDraft()
  if (kept === undefined) return { text: blank, notes: [] }
  const read = readText(kept)
  const isWithoutSecrets = read.ok && secretPaths(read.value, 'none').length > 0
  return {
    text: kept,
    notes: [
      'This is the draft you left here.',
      ...(isWithoutSecrets ? ['Values of secrets are not kept: give them again.'] : []),
    ],
  }
}

function startOf(start: Start): Begun {
  if (start.kind === 'template') return { text: start.template.text, notes: [] }
  return {
    text: copyOf(start.app),
    notes: [
      `A copy of ${start.app.metadata.name}.`,
      ...(hasSecrets(start.app)
        ? ['The values of its secrets are not copied: give it its own.']
        : []),
    ],
  }
}

function peerOf(text: string): string | undefined {
  const read = readText(text)
  const spec = read.ok ? read.value['spec'] : undefined
  if (typeof spec !== 'object' || spec === null || !('targetPeer' in spec)) return undefined
  return typeof spec.targetPeer === 'string' ? spec.targetPeer : undefined
}

const withPeer = (text: string, peer: string): string =>
  withValue(text, ['spec', 'targetPeer'], peer)

const withoutPeer = (text: string): string => text.replace(/^ {2}targetPeer: .*\n/m, '')
