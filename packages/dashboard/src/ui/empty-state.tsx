import { Group, Paper, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'

interface EmptyStateProps {
  readonly icon: ReactNode
  readonly title: string
  /** What will be here, and how it comes. */
  readonly children: ReactNode
  /** The next step. */
  readonly actions?: ReactNode
}

/** Nothing is here yet: says what would be, and offers the next step. */
export function EmptyState({ icon, title, children, actions }: EmptyStateProps) {
  return (
    <Paper p="xl" bg="var(--surface-sunken)">
      <Stack align="center" gap="xs" py="lg" ta="center">
        <Text c="dimmed" span aria-hidden lh={1}>
          {icon}
        </Text>
        <Title order={2} size="h2">
          {title}
        </Title>
        <Text c="dimmed" component="div" maw={520}>
          {children}
        </Text>
        {actions !== undefined && (
          <Group justify="center" mt="sm">
            {actions}
          </Group>
        )}
      </Stack>
    </Paper>
  )
}
