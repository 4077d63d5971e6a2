import { Badge, NavLink, Stack, Text, VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useRouterState } from '@tanstack/react-router'
import { approvalsQuery, notificationsQuery } from '../api/queries.ts'
import { useMay } from '../api/use-may.ts'
import { navGroups, type NavPage } from './pages.ts'
import classes from './shell.module.css'

export function Navigation({ onNavigate }: { onNavigate: () => void }) {
  return (
    <Stack gap="md" pt={4} style={{ overflowY: 'auto' }}>
      {navGroups.map((group) => (
        <div key={group.title}>
          <Text size="xs" c="dimmed" fw={500} px="sm" pb={4}>
            {group.title}
          </Text>
          {group.pages.map((page) => (
            <PageLink key={page.to} page={page} onNavigate={onNavigate} />
          ))}
        </div>
      ))}
    </Stack>
  )
}

function PageLink({ page, onNavigate }: { page: NavPage; onNavigate: () => void }) {
  const { to, title, icon: Icon, role = 'viewer' } = page
  const path = useRouterState({ select: (state) => state.location.pathname })
  const counted = useCounted(to)
  if (!useMay(role)) return null
  const isHere = to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`)
  return (
    <NavLink
      label={title}
      leftSection={<Icon />}
      className={classes['link'] ?? ''}
      active={isHere}
      renderRoot={(props) => (
        <Link to={to} {...props} {...(isHere && { 'aria-current': 'page' as const })} />
      )}
      onClick={onNavigate}
      rightSection={
        counted.count > 0 && (
          <Badge size="sm" radius="xl">
            {counted.count}
            <VisuallyHidden> {counted.what}</VisuallyHidden>
          </Badge>
        )
      }
    />
  )
}

/** What somebody should look at, on the page that shows it. */
function useCounted(to: string): { readonly count: number; readonly what: string } {
  const approvals = useQuery(approvalsQuery).data?.items ?? []
  const notifications = useQuery(notificationsQuery).data?.items ?? []
  if (to === '/approvals')
    return { count: approvals.filter(({ state }) => state === 'Pending').length, what: 'waiting' }
  if (to === '/notifications')
    return {
      count: notifications.filter(
        ({ acknowledgedAt, resolvedAt }) =>
          acknowledgedAt === undefined && resolvedAt === undefined,
      ).length,
      what: 'unseen',
    }
  return { count: 0, what: '' }
}
