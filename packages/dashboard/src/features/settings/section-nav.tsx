import { Link } from '@tanstack/react-router'
import { StatusDot } from '../../ui/status-dot.tsx'
import { VisuallyHidden } from '@mantine/core'
import type { Section } from './fields.ts'
import classes from './settings.module.css'

interface SectionNavProps {
  readonly sections: readonly Section[]
  readonly current: string | undefined
  readonly peer: string | undefined
  /** Ids of those with something that is not saved. */
  readonly changed: ReadonlySet<string>
}

export function SectionNav({ sections, current, peer, changed }: SectionNavProps) {
  return (
    <nav className={classes['nav']} aria-label="Sections">
      {sections.map(({ id, title }) => (
        <Link
          key={id}
          to="/settings"
          search={{ section: id, ...(peer !== undefined && { peer }) }}
          resetScroll={false}
          {...(id === current && { 'aria-current': 'true' as const })}
        >
          {title}
          {changed.has(id) && (
            <>
              <StatusDot tone="busy" />
              <VisuallyHidden>changed</VisuallyHidden>
            </>
          )}
        </Link>
      ))}
    </nav>
  )
}
