import { Button, Stack, Table, Title, VisuallyHidden } from '@mantine/core'
import { endpoints, type Invite } from '@porpulsion/contract'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'

/** Invites nobody has used yet. */
export function InviteList({ invites }: { invites: readonly Invite[] }) {
  const client = useQueryClient()
  const revoke = useMutation({
    mutationFn: (id: string) => call(endpoints.revokeInvite, { params: { id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.invites }),
  })
  if (invites.length === 0) return null
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        Open invites
      </Title>
      {revoke.error !== null && <ErrorAlert error={revoke.error} />}
      <Table.ScrollContainer minWidth={480}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Id</Table.Th>
              <Table.Th>Created by</Table.Th>
              <Table.Th>Expires</Table.Th>
              <Table.Th>
                <VisuallyHidden>Actions</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {invites.map((invite) => (
              <Table.Tr key={invite.id}>
                <Table.Td ff="monospace">{invite.id}</Table.Td>
                <Table.Td>{invite.createdBy}</Table.Td>
                <Table.Td>
                  <RelativeTime time={invite.expiresAt} />
                </Table.Td>
                <Table.Td ta="right">
                  <Button
                    size="xs"
                    variant="subtle"
                    color="red"
                    onClick={() => revoke.mutate(invite.id)}
                  >
                    Revoke<VisuallyHidden> {invite.id}</VisuallyHidden>
                  </Button>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  )
}
