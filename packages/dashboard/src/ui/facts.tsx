import type { ReactNode } from 'react'
import classes from './facts.module.css'

/** What is known of one thing, name by name. */
export function Facts({ label, children }: { label?: string; children: ReactNode }) {
  return (
    <dl className={classes['facts']} aria-label={label}>
      {children}
    </dl>
  )
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}
