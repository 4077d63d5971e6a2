import { Badge, Group, Text, Tooltip } from '@mantine/core'
import type { Peer } from '@porpulsion/contract'
import { StateLabel } from '../../ui/state-label.tsx'
import { isUp, linkWords, trustOf } from './link-words.ts'

const innerTls =
  'Whatever carries the link, all of it is inside TLS between the two agents: what stands in between sees neither apps nor logs. Over ws (yellow) it sees that two agents talk; wss (green) wraps that in TLS too.'

/** State, what it goes over, and what protects the content, always. */
export function LinkState({ peer }: { peer: Peer }) {
  return (
    <Group gap="xs" wrap="nowrap">
      <StateLabel {...linkWords(peer)} />
      {isUp(peer.status?.link) && (
        <Tooltip label={innerTls} multiline maw={360}>
          <Badge variant="default" size="sm" fw={400} tabIndex={0} miw="max-content">
            inner TLS
          </Badge>
        </Tooltip>
      )}
    </Group>
  )
}

/** What is missing for the link to be of use, in one line; nothing when nothing is. */
export function LinkTrouble({ peer, lines = 1 }: { peer: Peer; lines?: number }) {
  const text = troubleOf(peer)
  if (text === undefined) return null
  return (
    <Text
      size="xs"
      c="dimmed"
      title={text}
      // A long address in the first line would leave nothing of it to be seen.
      {...(lines === 1 ? { truncate: true } : { lineClamp: lines, className: 'foreign' })}
    >
      {text}
    </Text>
  )
}

function troubleOf(peer: Peer): string | undefined {
  if (trustOf(peer) === 'awaits-us') return 'Waits for you to compare the words'
  if (trustOf(peer) === 'awaits-them') return 'They have not confirmed'
  return peer.status?.linkMessage
}
