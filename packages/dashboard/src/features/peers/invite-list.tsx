import { Badge, Button, Group, Text, VisuallyHidden } from '@mantine/core'
import { endpoints, type Invite } from '@porpulsion/contract'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import { Card } from '../../ui/card.tsx'
import { CommandsButton } from '../../ui/commands.tsx'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { revokeInviteCommands } from './peer-commands.ts'
import classes from './peers.module.css'

/** Invites nobody has used yet. */
export function InviteList({ invites }: { invites: readonly Invite[] }) {
  if (invites.length === 0) return null
  return (
    <Card title="Open invites">
      <ul className={classes['list']} aria-label="Open invites">
        {invites.map((invite) => (
          <li key={invite.id}>
            <OpenInvite invite={invite} />
          </li>
        ))}
      </ul>
    </Card>
  )
}

function OpenInvite({ invite }: { invite: Invite }) {
  const client = useQueryClient()
  const toast = useToast()
  const revoke = useMutation({
    mutationFn: () => call(endpoints.revokeInvite, { params: { id: invite.id } }),
    onSuccess: async () => {
      toast({ text: 'The invite is revoked: nobody can use it any more.' })
      await client.invalidateQueries({ queryKey: keys.invites })
    },
  })
  return (
    <>
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Group gap="0 16px" miw={0}>
          <Text ff="monospace" size="sm" className="foreign">
            {invite.id}
          </Text>
          <Text size="sm" c="dimmed" className="foreign">
            by {invite.createdBy}, expires <RelativeTime time={invite.expiresAt} />
          </Text>
          {invite.autoConfirm && (
            <Badge color="orange" variant="light">
              trusted at once
            </Badge>
          )}
        </Group>
        <Group gap={4} flex="none" wrap="nowrap">
          <CommandsButton
            isSmall
            what={`Revoke ${invite.id}`}
            commands={revokeInviteCommands(invite.id)}
          />
          <Button
            variant="subtle"
            color="red"
            onClick={() => revoke.mutate()}
            loading={revoke.isPending}
          >
            Revoke<VisuallyHidden> {invite.id}</VisuallyHidden>
          </Button>
        </Group>
      </Group>
      {revoke.error !== null && <ErrorAlert error={revoke.error} />}
    </>
  )
}
