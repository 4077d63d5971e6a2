import { Badge, Button, Group, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { roles, type User } from '@porpulsion/contract'
import { PlusIcon } from '@radix-ui/react-icons'
import { useQuery } from '@tanstack/react-query'
import { sessionQuery, usersQuery } from '../../api/queries.ts'
import { DataTable, type Column } from '../../ui/data-table.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { StateLabel } from '../../ui/state-label.tsx'
import { CreateUser } from './create-user.tsx'
import { UserActions } from './user-actions.tsx'

const columns: readonly Column<User>[] = [
  {
    id: 'name',
    title: 'User',
    cell: ({ name }) => <UserName name={name} />,
    sortValue: ({ name }) => name,
  },
  {
    id: 'role',
    title: 'Role',
    width: '110px',
    cell: ({ role }) => role,
    sortValue: ({ role }) => roles.indexOf(role),
  },
  {
    id: 'state',
    title: 'State',
    width: '170px',
    hideBelow: 'sm',
    cell: (user) => <UserState user={user} />,
    sortValue: ({ disabled, hasSignedIn }) => `${disabled} ${!hasSignedIn}`,
  },
  {
    id: 'password',
    title: 'Signs in by',
    width: '150px',
    hideBelow: 'md',
    cell: ({ hasPassword }) => (hasPassword ? 'password or link' : 'link only'),
  },
  {
    id: 'created',
    title: 'Created',
    width: '130px',
    hideBelow: 'md',
    cell: ({ createdAt }) => createdAt !== undefined && <RelativeTime time={createdAt} />,
    sortValue: ({ createdAt }) => createdAt,
  },
  {
    id: 'actions',
    title: 'Actions',
    hidesTitle: true,
    width: '84px',
    align: 'right',
    cell: (user) => <UserActions user={user} />,
  },
]

export function Users() {
  const users = useQuery(usersQuery)
  const [isCreating, create] = useDisclosure()
  return (
    <Stack>
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          There is no open sign-up: whoever gets in was created here.
        </Text>
        <Button leftSection={<PlusIcon />} onClick={create.open}>
          Create user
        </Button>
      </Group>
      <QueryState query={users}>
        {({ items }) => (
          <DataTable label="Users" rows={items} columns={columns} rowId={({ name }) => name} />
        )}
      </QueryState>
      {isCreating && <CreateUser onClose={create.close} />}
    </Stack>
  )
}

function UserName({ name }: { name: string }) {
  const own = useQuery(sessionQuery).data?.user
  return (
    <Group gap="xs" wrap="nowrap">
      <Text size="sm" fw={600} truncate>
        {name}
      </Text>
      {own === name && (
        <Badge size="sm" variant="default">
          you
        </Badge>
      )}
    </Group>
  )
}

function UserState({ user: { disabled, hasSignedIn } }: { user: User }) {
  if (disabled) return <StateLabel tone="bad" label="Disabled" />
  return hasSignedIn ? (
    <StateLabel tone="good" label="Active" />
  ) : (
    <StateLabel tone="idle" label="Never signed in" />
  )
}
