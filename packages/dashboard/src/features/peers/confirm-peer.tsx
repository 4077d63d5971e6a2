import { Alert, Badge, Button, Code, Group, Modal, Stack, Text } from '@mantine/core'
import { endpoints, formatFingerprint, type Peer } from '@porpulsion/contract'
import { useMutation } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { ErrorAlert } from '../../ui/query-state.tsx'

/** Six words to read out, and both ways to say that they match. */
export function ConfirmPeer({ peer, onClose }: { peer: Peer; onClose: () => void }) {
  const { name } = peer.metadata
  const words = peer.status?.words
  const fingerprint = peer.status?.fingerprint ?? peer.spec.fingerprint
  const confirm = useMutation({
    mutationFn: () =>
      call(endpoints.confirmPeer, {
        params: { name },
        body: fingerprint === undefined ? {} : { fingerprint },
      }),
    onSuccess: onClose,
  })
  return (
    <Modal opened onClose={onClose} title={`Is this really ${name}?`} size="lg">
      <Stack>
        <Text>
          Call the operator of the other cluster and compare these six words. Both sides see the
          same ones, if nobody is between you.
        </Text>
        {words === undefined ? (
          <Text>The words are being computed …</Text>
        ) : (
          <Group gap="xs" role="group" aria-label="Six words">
            {words.split(' ').map((word, index) => (
              <Badge key={index} size="xl" variant="default" tt="none" ff="monospace">
                {word}
              </Badge>
            ))}
          </Group>
        )}
        {fingerprint !== undefined && (
          <>
            <Text size="sm">Or compare the fingerprint of {name}:</Text>
            <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
              {formatFingerprint(fingerprint)}
            </Code>
          </>
        )}
        <Alert color="yellow" title="If the words differ">
          Somebody is between you. Close this and remove the peer.
        </Alert>
        {confirm.error !== null && <ErrorAlert error={confirm.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Not now
          </Button>
          <Button
            onClick={() => confirm.mutate()}
            loading={confirm.isPending}
            disabled={words === undefined && fingerprint === undefined}
          >
            They match
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
