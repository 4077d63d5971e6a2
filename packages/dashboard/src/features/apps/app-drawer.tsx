import { ActionIcon, Group, Stack, Text, Title, Tooltip } from '@mantine/core'
import { Cross2Icon, EnterFullScreenIcon } from '@radix-ui/react-icons'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { remoteAppOf, remoteAppsQuery } from '../../api/queries.ts'
import { QueryState } from '../../ui/query-state.tsx'
import { AppActions } from './app-actions.tsx'
import { AppDetail } from './app-detail.tsx'
import { AppSkeleton } from './app-skeleton.tsx'
import { AppState } from './app-state.tsx'
import { searchOf, tabOf, type AppTab } from './app-view.ts'
import classes from './apps.module.css'
import { maskOf } from './open-app.ts'
import { useListSearch } from './use-list-search.ts'

interface AppDrawerProps {
  /** "namespace,name" */
  readonly id: string
  readonly onClose: () => void
}

/** An app beside the list it was chosen from. The list goes on working: another app takes its place here. */
export function AppDrawer({ id, onClose }: AppDrawerProps) {
  const [namespace = '', name = ''] = id.split(',', 2)
  const { search } = useListSearch()
  const apps = useQuery(remoteAppsQuery)
  const panel = useRef<HTMLElement>(null)
  const opener = useRef<Element>(null)
  const tab = tabOf(search.tab)
  const show = useShow(id)

  useEffect(() => {
    opener.current = document.activeElement
    panel.current?.focus({ preventScroll: true })
    panel.current?.scrollTo({ top: 0 })
  }, [id])
  const close = (): void => {
    if (opener.current instanceof HTMLElement) opener.current.focus({ preventScroll: true })
    onClose()
  }

  return (
    <aside
      ref={panel}
      className={classes['panel']}
      aria-label={`App ${name}`}
      tabIndex={-1}
      onKeyDown={(event) => {
        // Dialogs opened from here lie elsewhere in the document and close by themselves.
        const isInside = event.currentTarget.contains(event.target as Node) // always an element of the page
        if (event.key === 'Escape' && isInside && !event.defaultPrevented) close()
      }}
    >
      <Stack gap="md">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Group gap="md" mih={34}>
            <Title order={2} className="foreign">
              {name}
            </Title>
            <DrawerState namespace={namespace} name={name} />
          </Group>
          <Group gap={4} wrap="nowrap">
            <Tooltip label="Open as page">
              <ActionIcon
                size="lg"
                aria-label="Open as page"
                renderRoot={(props) => (
                  <Link
                    to="/workloads/$namespace/$name"
                    params={{ namespace, name }}
                    search={searchOf(tab, search.pod)}
                    {...props}
                  />
                )}
              >
                <EnterFullScreenIcon />
              </ActionIcon>
            </Tooltip>
            <Tooltip label="Close (Esc)">
              <ActionIcon size="lg" aria-label="Close" onClick={close}>
                <Cross2Icon />
              </ActionIcon>
            </Tooltip>
          </Group>
        </Group>
        <QueryState query={apps} skeleton={<AppSkeleton />}>
          {(list) => {
            const app = remoteAppOf(namespace, name)(list)
            if (app === undefined)
              return <Text c="dimmed">There is no app {name} any more. It was deleted.</Text>
            return (
              <>
                <Group gap="xs">
                  <AppActions app={app} />
                </Group>
                <AppDetail key={app.metadata.uid} app={app} view={{ tab, pod: search.pod, show }} />
              </>
            )
          }}
        </QueryState>
      </Stack>
    </aside>
  )
}

function DrawerState({ namespace, name }: { namespace: string; name: string }) {
  const list = useQuery(remoteAppsQuery).data
  const app = list && remoteAppOf(namespace, name)(list)
  return app && <AppState app={app} />
}

/** Another tab of the app that lies open; the address shown stays that of its page. */
function useShow(id: string): (tab: AppTab, pod?: string) => void {
  const { navigate } = useListSearch()
  return (tab, pod) =>
    void navigate({
      search: (before) => {
        const { tab: _tab, pod: _pod, ...rest } = before
        return { ...rest, ...searchOf(tab, pod) }
      },
      mask: maskOf(id, searchOf(tab, pod)),
      replace: true,
      resetScroll: false,
    })
}
