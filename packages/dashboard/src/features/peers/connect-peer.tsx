import { Alert, Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { endpoints, formatFingerprint, type Peer } from '@porpulsion/contract'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'
import { CommandsButton } from '../../ui/commands.tsx'
import { Fact, Facts } from '../../ui/facts.tsx'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { StateLabel } from '../../ui/state-label.tsx'
import { inviteAdvice } from './invite-advice.ts'
import { connectCommands } from './peer-commands.ts'
import type { ReadInvite } from './read-invite.ts'

interface ConnectPeerProps {
  readonly onClose: () => void
  readonly onAdded: (peer: Peer) => void
}

/** Paste, see what it says, send. */
export function ConnectPeer({ onClose, onAdded }: ConnectPeerProps) {
  const client = useQueryClient()
  const [pasted, setPasted] = useState('')
  const [as, setAs] = useState('')
  const read = useRead(pasted)
  const add = useMutation({
    mutationFn: () =>
      call(endpoints.addPeer, {
        body: { bundle: pasted.trim(), ...(as.trim() !== '' && { as: as.trim() }) },
      }),
    onSuccess: async (peer) => {
      await client.invalidateQueries({ queryKey: keys.peers })
      onAdded(peer)
    },
  })
  const isGood = read?.kind === 'read' && !read.isExpired
  return (
    <Modal opened onClose={onClose} title="Connect with an invite" size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isGood) add.mutate()
        }}
      >
        <Stack>
          <Textarea
            label="Invite from the other cluster"
            description="Its operator makes one under Peers, “Invite a peer”, or with “porpulsion invite create”."
            placeholder="porp1.…"
            minRows={3}
            autosize
            maxRows={6}
            spellCheck={false}
            autoComplete="off"
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            value={pasted}
            onChange={(event) => {
              add.reset()
              setPasted(event.currentTarget.value)
            }}
            error={read?.kind === 'unreadable' && read.problem}
            data-autofocus
          />
          <div aria-live="polite">{read?.kind === 'read' && <InviteFacts read={read} />}</div>
          {isGood && (
            <TextInput
              label="Our name for it"
              description="Only this cluster uses it. Left empty, it is called as it calls itself."
              placeholder={read.bundle.name}
              value={as}
              onChange={(event) => setAs(event.currentTarget.value)}
              autoComplete="off"
            />
          )}
          {add.error !== null && <ConnectError error={add.error} />}
          <Group justify="space-between">
            <CommandsButton what="Connect with an invite" commands={connectCommands(as.trim())} />
            <Group gap="xs">
              <Button variant="subtle" color="gray" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" disabled={!isGood} loading={add.isPending}>
                Connect
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

/** Read in this page: nothing is sent before the button is pressed. */
function useRead(pasted: string): ReadInvite | undefined {
  const [read, setRead] = useState<ReadInvite>()
  useEffect(() => {
    let isWanted = true
    if (pasted.trim() === '') setRead(undefined)
    else
      void import('./read-invite.ts').then(({ readInvite }) => {
        if (isWanted) setRead(readInvite(pasted, Date.now()))
      })
    return () => {
      isWanted = false
    }
  }, [pasted])
  return read
}

function ConnectError({ error }: { error: Error }) {
  const advice = inviteAdvice(error)
  return (
    <Stack gap="xs">
      <ErrorAlert error={error} />
      {advice !== undefined && (
        <Text size="sm">
          <strong>What to do:</strong> {advice}
        </Text>
      )}
    </Stack>
  )
}

function InviteFacts({ read }: { read: ReadInvite & { readonly kind: 'read' } }) {
  const { bundle, transport, isExpired } = read
  return (
    <Stack gap="sm">
      <Facts label="What the invite says">
        <Fact name="Cluster">
          <Text span fw={600}>
            {bundle.name}
          </Text>
        </Fact>
        <Fact name="Address">
          <Group gap="0 12px">
            <span className="foreign">{bundle.url}</span>
            <StateLabel
              tone={transport === 'wss' ? 'good' : 'warn'}
              label={transport === 'wss' ? 'wss' : 'ws'}
            />
          </Group>
          <Text size="xs" c="dimmed">
            {transport === 'wss'
              ? 'Encrypted twice: by its ingress, and between the two agents.'
              : 'The network in between sees that two agents talk. What they say is encrypted between the two of them.'}
          </Text>
        </Fact>
        <Fact name="Fingerprint">
          <Text span size="sm" ff="monospace" className="foreign">
            {formatFingerprint(bundle.fingerprint)}
          </Text>
        </Fact>
        <Fact name="Expires">
          <RelativeTime time={bundle.expiresAt} />
        </Fact>
      </Facts>
      {isExpired ? (
        <Alert color="red" title="This invite has expired">
          Ask the other operator for a new one. If it is new, one of the two clocks is wrong: here
          it is {new Date().toLocaleString()}.
        </Alert>
      ) : (
        <Text size="sm" c="dimmed">
          This cluster will dial that address once, prove that it holds this invite, and check that
          this very fingerprint answers. Then you both compare six words.
        </Text>
      )}
    </Stack>
  )
}
