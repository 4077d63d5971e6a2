import { Tabs } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMay } from '../../api/use-may.ts'
import { Page } from '../../ui/page.tsx'
import { Identity } from './identity.tsx'
import { Sessions } from './sessions.tsx'
import { Tokens } from './tokens.tsx'
import { Users } from './users.tsx'

const titles = {
  users: 'Users',
  tokens: 'API tokens',
  sessions: 'Sessions',
  identity: 'Identity',
} as const
type Tab = keyof typeof titles

/** Who gets in, by which means. Admins see everybody's, others their own. */
export function AccessPage() {
  const isAdmin = useMay('admin')
  const navigate = useNavigate()
  const tabs: readonly Tab[] = isAdmin
    ? ['users', 'tokens', 'sessions', 'identity']
    : ['tokens', 'sessions', 'identity']
  const { tab: asked } = useSearch({ from: '/access' })
  const tab = tabs.find((one) => one === asked) ?? tabs[0] ?? 'tokens'
  return (
    <Page
      title="Access"
      description={
        isAdmin
          ? 'Who may sign in, with which role, what else acts in their name, and who this cluster is to its peers.'
          : 'Your API tokens, where you are signed in, and who this cluster is to its peers.'
      }
    >
      <Tabs
        value={tab}
        onChange={(next) => {
          const chosen = tabs.find((one) => one === next)
          if (chosen !== undefined) void navigate({ to: '/access', search: { tab: chosen } })
        }}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {tabs.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {titles[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="users">
          <Users />
        </Tabs.Panel>
        <Tabs.Panel value="tokens">
          <Tokens />
        </Tabs.Panel>
        <Tabs.Panel value="sessions">
          <Sessions />
        </Tabs.Panel>
        <Tabs.Panel value="identity">
          <Identity />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}
