import { Alert, Button, Group, Modal, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core'
import { endpoints, type Peer } from '@porpulsion/contract'
import { CheckIcon, Cross2Icon } from '@radix-ui/react-icons'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../../api/client.ts'
import { statusQuery } from '../../api/queries.ts'
import { useMay } from '../../api/use-may.ts'
import { CommandsButton } from '../../ui/commands.tsx'
import { ErrorAlert } from '../../ui/query-state.tsx'
import { useToast } from '../../ui/toasts.tsx'
import classes from './confirm-peer.module.css'
import { Fingerprint } from './fingerprint.tsx'
import { fingerprintOf } from './link-words.ts'
import { confirmCommands } from './peer-commands.ts'

interface ConfirmPeerProps {
  readonly peer: Peer
  readonly onClose: () => void
}

/** Six words to read out, and both ways to say how they compare. */
export function ConfirmPeer({ peer, onClose }: ConfirmPeerProps) {
  const [differs, setDiffers] = useState(false)
  const { name } = peer.metadata
  return (
    <Modal
      opened
      onClose={onClose}
      title={differs ? `Do not trust ${name}` : `Is this really ${name}?`}
      size="xl"
    >
      {differs ? (
        <WordsDiffer name={name} onBack={() => setDiffers(false)} onClose={onClose} />
      ) : (
        <CompareWords peer={peer} onDiffer={() => setDiffers(true)} onClose={onClose} />
      )}
    </Modal>
  )
}

function CompareWords({
  peer,
  onDiffer,
  onClose,
}: ConfirmPeerProps & { readonly onDiffer: () => void }) {
  const { name } = peer.metadata
  const own = useQuery(statusQuery).data
  const mayConfirm = useMay('admin')
  const toast = useToast()
  const words = peer.status?.words
  const fingerprint = fingerprintOf(peer)
  const confirm = useMutation({
    mutationFn: () =>
      call(endpoints.confirmPeer, {
        params: { name },
        body: fingerprint === undefined ? {} : { fingerprint },
      }),
    onSuccess: () => {
      toast({ text: `You trust ${name}. Apps can go both ways once they trust you too.` })
      onClose()
    },
  })
  return (
    <Stack>
      <Text>
        Call the operator of the other cluster – not by the way the invite came – and read these six
        words to each other. Both sides see the same ones, if nobody is between you.
      </Text>
      <Words words={words} />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {fingerprint !== undefined && (
          <Fingerprint label={`Fingerprint of ${name}`} value={fingerprint} />
        )}
        {own !== undefined && (
          <Fingerprint label={`Ours, ${own.name}: what they see`} value={own.fingerprint} />
        )}
      </SimpleGrid>
      <Text size="sm" c="dimmed">
        Who prefers numbers compares both fingerprints instead; the words are made of them.
      </Text>
      {confirm.error !== null && <ErrorAlert error={confirm.error} />}
      {!mayConfirm && <Text c="dimmed">Only admins can confirm a peer.</Text>}
      <Group justify="space-between">
        <CommandsButton
          what={`Confirm ${name}`}
          commands={confirmCommands({ name, fingerprint, namespace: own?.namespace })}
        />
        <Group gap="xs">
          <Button variant="subtle" color="gray" onClick={onClose}>
            Not now
          </Button>
          <Button
            variant="default"
            leftSection={<Cross2Icon />}
            onClick={onDiffer}
            disabled={!mayConfirm}
          >
            They differ
          </Button>
          <Button
            leftSection={<CheckIcon />}
            onClick={() => confirm.mutate()}
            loading={confirm.isPending}
            disabled={!mayConfirm || (words === undefined && fingerprint === undefined)}
          >
            They match
          </Button>
        </Group>
      </Group>
    </Stack>
  )
}

const WORDS = 6

function Words({ words }: { words: string | undefined }) {
  if (words === undefined)
    return (
      <div className={classes['words']} role="status" aria-label="The words are being computed">
        {Array.from({ length: WORDS }, (_word, index) => (
          <Skeleton key={index} h={58} />
        ))}
      </div>
    )
  return (
    <ol className={classes['words']} aria-label="Six words">
      {words.split(' ').map((word, index) => (
        <li key={index}>
          <span className={classes['number']} aria-hidden>
            {index + 1}
          </span>
          <span className={classes['word']}>{word}</span>
        </li>
      ))}
    </ol>
  )
}

interface WordsDifferProps {
  readonly name: string
  readonly onBack: () => void
  readonly onClose: () => void
}

function WordsDiffer({ name, onBack, onClose }: WordsDifferProps) {
  const toast = useToast()
  const remove = useMutation({
    mutationFn: () => call(endpoints.removePeer, { params: { name } }),
    onSuccess: () => {
      toast({ text: `${name} is removed. Nothing of it ran here, and nothing of yours there.` })
      onClose()
    },
  })
  return (
    <Stack>
      <Alert color="red" title="Somebody else may be at the other end">
        Words that differ mean that the two of you do not see the same two clusters: the invite was
        changed on its way, somebody else used it, or somebody sits between you and shows each a
        cluster of their own.
      </Alert>
      <Text>
        Remove {name} now: nothing was exchanged with it yet, and it cannot come back by itself. The
        other operator should do the same. Then make a new invite, and send it another way.
      </Text>
      {remove.error !== null && <ErrorAlert error={remove.error} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onBack}>
          Compare again
        </Button>
        <Button
          color="red.9"
          onClick={() => remove.mutate()}
          loading={remove.isPending}
          data-autofocus
        >
          Remove {name}
        </Button>
      </Group>
    </Stack>
  )
}
