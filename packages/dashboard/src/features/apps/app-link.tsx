import { Anchor } from '@mantine/core'
import { Link, useSearch } from '@tanstack/react-router'
import { useIsWide } from './use-is-wide.ts'
import { maskOf, withOpenApp } from './open-app.ts'
import classes from './apps.module.css'

interface AppLinkProps {
  readonly namespace: string
  readonly name: string
}

/** To an app: its own page, or beside the list where there is room, under the same address. */
export function AppLink({ namespace, name }: AppLinkProps) {
  const isWide = useIsWide()
  const id = `${namespace},${name}`
  const isOpen = useSearch({
    from: '/workloads',
    select: (search) => search.app === id,
  })
  const className = `${classes['oneLine'] ?? ''} ${classes['open'] ?? ''}`
  return (
    <Anchor
      fw={600}
      c="inherit"
      size="sm"
      className={className}
      title={name}
      renderRoot={(props) =>
        isWide ? (
          <Link
            from="/workloads"
            to="/workloads"
            search={(before) => withOpenApp(before, id)}
            mask={maskOf(id, {})}
            resetScroll={false}
            {...props}
            {...(isOpen && { 'aria-current': 'true' as const })}
          />
        ) : (
          <Link to="/workloads/$namespace/$name" params={{ namespace, name }} {...props} />
        )
      }
    >
      {name}
    </Anchor>
  )
}
