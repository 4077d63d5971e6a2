import { Button, Group, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { endpoints, type ApiToken } from '@porpulsion/contract'
import { IdCardIcon, PlusIcon } from '@radix-ui/react-icons'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { keys, tokensQuery } from '../../api/queries.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { DataTable, type Column } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { revokeTokenCommands } from './access-commands.ts'
import { CreateToken } from './create-token.tsx'

const columns: readonly Column<ApiToken>[] = [
  {
    id: 'name',
    title: 'Token',
    cell: ({ name }) => (
      <Text size="sm" fw={600} truncate>
        {name}
      </Text>
    ),
    sortValue: ({ name }) => name,
  },
  { id: 'role', title: 'Role', width: '100px', hideBelow: 'sm', cell: ({ role }) => role },
  {
    id: 'owner',
    title: 'Owner',
    width: '130px',
    hideBelow: 'md',
    cell: ({ owner }) => owner ?? 'nobody',
    sortValue: ({ owner }) => owner,
  },
  {
    id: 'used',
    title: 'Last used',
    width: '120px',
    cell: ({ lastUsedAt }) =>
      lastUsedAt === undefined ? 'never' : <RelativeTime time={lastUsedAt} />,
    sortValue: ({ lastUsedAt }) => lastUsedAt,
  },
  {
    id: 'expires',
    title: 'Ends',
    width: '120px',
    hideBelow: 'sm',
    cell: ({ expiresAt }) =>
      expiresAt === undefined ? 'never' : <RelativeTime time={expiresAt} />,
    sortValue: ({ expiresAt }) => expiresAt,
  },
  {
    id: 'created',
    title: 'Created',
    width: '120px',
    hideBelow: 'lg',
    cell: ({ createdAt }) => <RelativeTime time={createdAt} />,
    sortValue: ({ createdAt }) => createdAt,
  },
  {
    id: 'actions',
    title: 'Actions',
    hidesTitle: true,
    width: '96px',
    align: 'right',
    cell: (token) => <Revoke token={token} />,
  },
]

/** Keys of programs. */
export function Tokens() {
  const tokens = useQuery(tokensQuery)
  const [isCreating, create] = useDisclosure()
  const button = (
    <Button leftSection={<PlusIcon />} onClick={create.open}>
      Create token
    </Button>
  )
  return (
    <Stack>
      <QueryState query={tokens}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState
              icon={<IdCardIcon width={28} height={28} />}
              title="No API tokens"
              actions={button}
            >
              A script, a pipeline or the CLI on another machine signs in with a token. It may do
              what its role allows, and never more than its owner.
            </EmptyState>
          ) : (
            <>
              <Group justify="space-between">
                <Text size="sm" c="dimmed">
                  A token may never do more than its owner, and ends with them.
                </Text>
                {button}
              </Group>
              <DataTable label="API tokens" rows={items} columns={columns} rowId={({ id }) => id} />
            </>
          )
        }
      </QueryState>
      {isCreating && <CreateToken onClose={create.close} />}
    </Stack>
  )
}

function Revoke({ token: { id, name } }: { token: ApiToken }) {
  const [isAsked, ask] = useDisclosure()
  const client = useQueryClient()
  const toast = useToast()
  return (
    <>
      <Button
        variant="subtle"
        color="red"
        size="compact-xs"
        onClick={ask.open}
        aria-label={`Revoke ${name}`}
      >
        Revoke
      </Button>
      {isAsked && (
        <Confirm
          title={`Revoke ${name}?`}
          verb="Revoke"
          commands={revokeTokenCommands(id)}
          run={() => call(endpoints.revokeToken, { params: { id } })}
          onDone={() => {
            toast({ text: `Revoked: token ${name}.` })
            ask.close()
            void client.invalidateQueries({ queryKey: keys.tokens })
          }}
          onClose={ask.close}
        >
          Whatever uses it stops working at once. It cannot be brought back.
        </Confirm>
      )}
    </>
  )
}
