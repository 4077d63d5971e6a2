import { Group, Text, Tooltip } from '@mantine/core'
import { StatusDot } from './status-dot.tsx'
import type { Tone } from './tone.ts'

interface StateLabelProps {
  readonly tone: Tone
  readonly label: string
  readonly pulses?: boolean
  /** Why, on hover and focus. */
  readonly why?: string | undefined
}

/** A state in one word, with its dot. */
export function StateLabel({ tone, label, pulses = false, why }: StateLabelProps) {
  const content = (
    <Group gap={8} wrap="nowrap" display="inline-flex" {...(why !== undefined && { tabIndex: 0 })}>
      <StatusDot tone={tone} pulses={pulses} />
      <Text span size="sm" fw={500} style={{ whiteSpace: 'nowrap' }}>
        {label}
      </Text>
    </Group>
  )
  if (why === undefined) return content
  return (
    <Tooltip label={why} multiline maw={480}>
      {content}
    </Tooltip>
  )
}
