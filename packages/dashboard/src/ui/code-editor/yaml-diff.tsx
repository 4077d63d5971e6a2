import { yaml } from '@codemirror/lang-yaml'
import { unifiedMergeView } from '@codemirror/merge'
import { EditorState } from '@codemirror/state'
import { EditorView, lineNumbers } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import type { CodeDiffProps } from './code-editor-props.ts'
import { codeLook } from './editor-theme.ts'

/** So many lines around a change are shown; fewer than so many are not worth folding. */
const SHOWN_AROUND = 3
const FOLDED_FROM = 6

export default function YamlDiff({ before, after, label }: Omit<CodeDiffProps, 'maxHeight'>) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (place.current === null) return undefined
    const view = new EditorView({
      parent: place.current,
      // Whether a text ends in an empty line is no difference.
      doc: after.trimEnd(),
      extensions: [
        yaml(),
        codeLook,
        lineNumbers(),
        EditorView.lineWrapping,
        EditorState.readOnly.of(true),
        EditorView.contentAttributes.of({
          'aria-label': label,
          'aria-readonly': 'true',
          tabindex: '0',
        }),
        unifiedMergeView({
          original: before.trimEnd(),
          mergeControls: false,
          collapseUnchanged: { margin: SHOWN_AROUND, minSize: FOLDED_FROM },
        }),
      ],
    })
    return () => view.destroy()
  }, [before, after, label])
  return <div ref={place} />
}
