import {
  ActionIcon,
  Burger,
  Button,
  Group,
  Kbd,
  Menu,
  Text,
  Tooltip,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { endpoints, type SessionInfo } from '@porpulsion/contract'
import {
  ExitIcon,
  LockClosedIcon,
  MagnifyingGlassIcon,
  MoonIcon,
  PersonIcon,
  SunIcon,
} from '@radix-ui/react-icons'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { call } from '../api/client.ts'
import { statusQuery } from '../api/queries.ts'
import { useToast } from '../ui/toasts.tsx'
import { Brand } from './brand.tsx'
import { usePalette } from './command-palette.tsx'
import classes from './shell.module.css'

/** Which key opens the palette; both do. */
const isMac = /mac|iphone|ipad/i.test(navigator.userAgent)

const SetPassword = lazy(() =>
  import('../features/access/set-password.tsx').then((module) => ({ default: module.SetPassword })),
)

interface TopBarProps {
  readonly session: SessionInfo
  readonly isMenuOpen: boolean
  readonly onMenu: () => void
}

export function TopBar({ session, isMenuOpen, onMenu }: TopBarProps) {
  const status = useQuery(statusQuery).data
  const palette = usePalette()
  return (
    <Group h="100%" px="md" justify="space-between" wrap="nowrap">
      <Group wrap="nowrap" gap="sm" miw={{ base: 0, sm: 200 }}>
        <Burger opened={isMenuOpen} onClick={onMenu} hiddenFrom="sm" size="sm" aria-label="Menu" />
        <UnstyledButton renderRoot={(props) => <Link to="/" {...props} />}>
          <Group gap={8} wrap="nowrap">
            <Brand />
            <Text fw={600} truncate maw={{ base: 96, sm: 180 }}>
              {status?.name ?? 'Porpulsion'}
            </Text>
          </Group>
        </UnstyledButton>
      </Group>
      <UnstyledButton className={classes['search']} onClick={palette.open} visibleFrom="xs">
        <MagnifyingGlassIcon aria-hidden />
        <span style={{ flex: 1, textAlign: 'left' }}>Search or do anything</span>
        <Kbd size="xs">{isMac ? '⌘K' : 'Ctrl K'}</Kbd>
      </UnstyledButton>
      <Group wrap="nowrap" gap={4}>
        <ActionIcon onClick={palette.open} hiddenFrom="xs" aria-label="Search or do anything">
          <MagnifyingGlassIcon />
        </ActionIcon>
        <ColorSchemeButton />
        <UserMenu session={session} version={status?.version} />
      </Group>
      {palette.element}
    </Group>
  )
}

function ColorSchemeButton() {
  const { setColorScheme } = useMantineColorScheme()
  const shown = useComputedColorScheme('light')
  const other = shown === 'dark' ? 'light' : 'dark'
  return (
    <Tooltip label={`Use the ${other} theme`}>
      <ActionIcon
        size="lg"
        onClick={() => setColorScheme(other)}
        aria-label={`Use the ${other} theme`}
      >
        {shown === 'dark' ? <SunIcon /> : <MoonIcon />}
      </ActionIcon>
    </Tooltip>
  )
}

function UserMenu({ session, version }: { session: SessionInfo; version: string | undefined }) {
  const client = useQueryClient()
  const toast = useToast()
  const [isSetting, password] = useDisclosure()
  const signOut = async (): Promise<void> => {
    try {
      await call(endpoints.logout)
      await client.resetQueries()
    } catch (cause) {
      toast({ tone: 'bad', text: cause instanceof Error ? cause.message : String(cause) })
    }
  }
  return (
    <>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <Button variant="subtle" color="gray" leftSection={<PersonIcon />} px={8}>
            <Text span truncate maw={{ base: 64, sm: 160 }} fz="inherit" fw="inherit">
              {session.user}
            </Text>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {session.user}, {session.role}
            {version !== undefined && ` · Porpulsion ${version}`}
          </Menu.Label>
          <Menu.Item leftSection={<LockClosedIcon />} onClick={password.open}>
            Set password
          </Menu.Item>
          <Menu.Item leftSection={<ExitIcon />} onClick={() => void signOut()}>
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isSetting && (
        <Suspense>
          <SetPassword user={session.user} onClose={password.close} />
        </Suspense>
      )}
    </>
  )
}
