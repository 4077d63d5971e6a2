import '@mantine/spotlight/styles.layer.css'
import { useMantineColorScheme } from '@mantine/core'
import { createSpotlight, Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight'
import {
  CubeIcon,
  Link2Icon,
  MagnifyingGlassIcon,
  PlusIcon,
  RocketIcon,
  SunIcon,
} from '@radix-ui/react-icons'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useMemo } from 'react'
import { peersQuery, remoteAppsQuery } from '../api/queries.ts'
import { useMay } from '../api/use-may.ts'
import { phaseLabel } from '../ui/phase-badge.tsx'
import { navGroups } from './pages.ts'
import { matching } from './palette-filter.ts'

const SHOWN = 12
const [store, spotlight] = createSpotlight()

export function Palette({ asked }: { asked: number }) {
  useEffect(() => spotlight.open(), [asked])
  return (
    <Spotlight
      store={store}
      shortcut={null}
      actions={useActions()}
      limit={SHOWN}
      scrollable
      maxHeight={420}
      highlightQuery
      // Gone at once: who asks again at once shall not type into the one that is on its way out.
      transitionProps={{ duration: 0 }}
      // Groups are all that it is given.
      filter={(query, groups) => matching(query, groups as SpotlightActionGroupData[])}
      nothingFound="Nothing of that name. Try an app, a peer, or a page."
      searchProps={{
        leftSection: <MagnifyingGlassIcon />,
        placeholder: 'An app, a peer, a page, or what to do',
        'aria-label': 'Search or do anything',
      }}
    />
  )
}

function useActions(): SpotlightActionGroupData[] {
  const navigate = useNavigate()
  const { toggleColorScheme } = useMantineColorScheme()
  const mayOperate = useMay('operator')
  const mayAdminister = useMay('admin')
  const apps = useQuery(remoteAppsQuery).data?.items
  const peers = useQuery(peersQuery).data?.items
  return useMemo(() => {
    const goTo = (to: string) => () => void navigate({ to })
    return [
      {
        group: 'Do',
        actions: [
          ...(mayOperate
            ? [
                {
                  id: 'deploy',
                  label: 'Deploy an app',
                  leftSection: <RocketIcon />,
                  onClick: goTo('/deploy'),
                },
              ]
            : []),
          ...(mayAdminister
            ? [
                {
                  id: 'invite',
                  label: 'Invite a peer',
                  leftSection: <PlusIcon />,
                  onClick: () => void navigate({ to: '/peers', search: { add: 'invite' } }),
                },
                {
                  id: 'connect',
                  label: 'Connect with an invite',
                  leftSection: <Link2Icon />,
                  onClick: () => void navigate({ to: '/peers', search: { add: 'connect' } }),
                },
              ]
            : []),
          {
            id: 'theme',
            label: 'Switch between light and dark',
            leftSection: <SunIcon />,
            onClick: () => toggleColorScheme(),
          },
        ],
      },
      {
        group: 'Pages',
        actions: navGroups
          .flatMap((group) => group.pages)
          .filter((page) => page.role !== 'admin' || mayAdminister)
          .map(({ to, title, keywords, icon: Icon }) => ({
            id: `page ${to}`,
            label: title,
            keywords,
            leftSection: <Icon />,
            onClick: goTo(to),
          })),
      },
      {
        group: 'Apps',
        actions: (apps ?? []).map(({ metadata, spec, status }) => ({
          id: `app ${metadata.uid ?? metadata.name}`,
          label: metadata.name,
          description: `${phaseLabel(status?.phase ?? 'Pending')} at ${spec.targetPeer}`,
          leftSection: <CubeIcon />,
          onClick: () =>
            void navigate({
              to: '/workloads/$namespace/$name',
              params: { namespace: metadata.namespace ?? '', name: metadata.name },
            }),
        })),
      },
      {
        group: 'Peers',
        actions: (peers ?? []).map(({ metadata, status }) => ({
          id: `peer ${metadata.name}`,
          label: metadata.name,
          description: status?.link ?? 'Connecting',
          leftSection: <Link2Icon />,
          onClick: () => void navigate({ to: '/peers/$name', params: { name: metadata.name } }),
        })),
      },
    ]
  }, [apps, peers, mayOperate, mayAdminister, navigate, toggleColorScheme])
}
