import { Skeleton, VisuallyHidden } from '@mantine/core'
import { lazy, Suspense, useId, type CSSProperties } from 'react'
import classes from './code-editor.module.css'
import type { CodeDiffProps, CodeEditorProps } from './code-editor-props.ts'

// The editor is larger than any page: it comes with the first one that shows it.
const YamlEditor = lazy(() => import('./yaml-editor.tsx'))
const YamlDiff = lazy(() => import('./yaml-diff.tsx'))

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
