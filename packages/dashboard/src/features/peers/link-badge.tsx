import { Badge, Group, Text } from '@mantine/core'
import type { PeerStatus } from '@porpulsion/contract'

/** Green over wss, yellow over ws (local development), and always what protects the content. */
export function LinkBadge({ status }: { status: PeerStatus | undefined }) {
  const link = status?.link ?? 'Connecting'
  const color =
    link !== 'Connected' ? 'gray.7' : status?.transport === 'wss' ? 'teal.9' : 'yellow.4'
  return (
    <Group gap="xs" wrap="nowrap">
      <Badge color={color} tt="none" miw="max-content">
        {link}
        {status?.transport !== undefined && ` · ${status.transport}`}
      </Badge>
      {link === 'Connected' && (
        <Text size="xs" c="dimmed" miw="max-content">
          inner TLS
        </Text>
      )}
    </Group>
  )
}
