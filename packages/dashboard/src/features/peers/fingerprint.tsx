import { Code, Group, Stack, Text } from '@mantine/core'
import { formatFingerprint } from '@porpulsion/contract'
import { CopyButton } from '../../ui/copy-button.tsx'

/** In groups of four, for comparing by eye. */
export function Fingerprint({ label, value }: { label: string; value: string }) {
  return (
    <Stack gap={4}>
      <Group gap={4} justify="space-between" wrap="nowrap">
        <Text size="sm" fw={500} className="foreign">
          {label}
        </Text>
        <CopyButton value={value} what="the fingerprint" />
      </Group>
      <Code block fz="xs" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {formatFingerprint(value)}
      </Code>
    </Stack>
  )
}
