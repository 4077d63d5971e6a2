import type { CSSProperties } from 'react'
import classes from './status-dot.module.css'
import { toneColor, type Tone } from './tone.ts'

interface StatusDotProps {
  readonly tone: Tone
  /** Something is going on: it breathes, unless the user wants no motion. */
  readonly pulses?: boolean
}

/** Stands beside words that say the same. */
export function StatusDot({ tone, pulses = false }: StatusDotProps) {
  return (
    <span
      aria-hidden
      className={classes['dot']}
      data-pulses={pulses || undefined}
      style={{ '--dot': toneColor(tone) } as CSSProperties} // a custom property, which the type does not know
    />
  )
}
