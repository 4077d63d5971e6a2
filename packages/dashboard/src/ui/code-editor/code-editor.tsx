import { Skeleton, VisuallyHidden } from '@mantine/core'
import type { FieldError } from '@porpulsion/contract'
import { lazy, Suspense, useId, type CSSProperties } from 'react'
import classes from './code-editor.module.css'
import type { JsonSchema } from './json-schema.ts'

// The editor is larger than any page: it comes with the first one that shows it.
const YamlEditor = lazy(() => import('./yaml-editor.tsx'))
const YamlDiff = lazy(() => import('./yaml-diff.tsx'))

export interface CodeEditorProps {
  readonly value: string
  /** Without it, the text is only shown. */
  readonly onChange?: (text: string) => void
  /** What it is; read out. */
  readonly label: string
  /** What may stand in it: for completion and for documentation on hover. The same object every time. */
  readonly schema?: JsonSchema
  readonly problems?: readonly FieldError[]
  readonly placeholder?: string
  readonly minHeight?: string
  readonly maxHeight?: string
}

/** YAML to read or to write. */
export function CodeEditor({ minHeight = '120px', maxHeight = '70vh', ...props }: CodeEditorProps) {
  const hint = useId()
  return (
    <div
      className={classes['frame']}
      data-wrong={(props.problems?.length ?? 0) > 0}
      style={heights(minHeight, maxHeight)}
    >
      <VisuallyHidden id={hint}>
        {props.onChange === undefined
          ? 'Read only.'
          : 'Tab indents. To leave with the keyboard, press Escape, then Tab. Control and Space offer what may be written here.'}
      </VisuallyHidden>
      <Suspense fallback={<Waiting height={minHeight} />}>
        <YamlEditor {...props} hint={hint} />
      </Suspense>
    </div>
  )
}

export interface CodeDiffProps {
  readonly before: string
  readonly after: string
  readonly label: string
  readonly maxHeight?: string
}

/** What changes, with what stays folded away. */
export function CodeDiff({ maxHeight = '60vh', ...props }: CodeDiffProps) {
  return (
    <div className={classes['frame']} style={heights('60px', maxHeight)}>
      <Suspense fallback={<Waiting height="160px" />}>
        <YamlDiff {...props} />
      </Suspense>
    </div>
  )
}

const heights = (min: string, max: string): CSSProperties =>
  ({ '--editor-min': min, '--editor-max': max }) as CSSProperties // custom properties, which the type does not know

function Waiting({ height }: { height: string }) {
  return (
    <div role="status" aria-label="Loading the editor">
      <Skeleton h={height} radius={0} />
    </div>
  )
}
