import { Group, Paper, Stack, Title } from '@mantine/core'
import { useId, type ReactNode } from 'react'

interface CardProps {
  readonly title: string
  /** What it is called among the parts of a page, where its title alone may be that of another. */
  readonly label?: string
  readonly actions?: ReactNode
  readonly children: ReactNode
}

export function Card({ title, label, actions, children }: CardProps) {
  const id = useId()
  return (
    <Paper
      p="md"
      component="section"
      {...(label === undefined ? { 'aria-labelledby': id } : { 'aria-label': label })}
    >
      <Stack gap="sm">
        <Group justify="space-between" mih={28} gap="xs">
          <Title order={2} size="h3" id={id} className="foreign">
            {title}
          </Title>
          {actions !== undefined && (
            <Group gap="xs" maw="100%">
              {actions}
            </Group>
          )}
        </Group>
        {children}
      </Stack>
    </Paper>
  )
}
