import { Anchor, Group, Stack, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useEffect, type ReactNode } from 'react'

interface PageProps {
  readonly title: string
  /** Beside the title: how it is. */
  readonly state?: ReactNode
  /** What this page is for, in a sentence. */
  readonly description?: ReactNode
  /** The page it belongs to. */
  readonly parent?: { readonly to: string; readonly title: string }
  readonly actions?: ReactNode
  readonly children: ReactNode
}

export function Page({ title, state, description, parent, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Porpulsion`
  }, [title])
  return (
    <Stack gap="md" maw={1440} mx="auto">
      <Stack gap={2}>
        {parent !== undefined && (
          <Anchor size="sm" c="dimmed" renderRoot={(props) => <Link to={parent.to} {...props} />}>
            ← {parent.title}
          </Anchor>
        )}
        <Group justify="space-between" mih={36} gap="sm">
          <Group gap="md">
            <Title order={1} className="foreign">
              {title}
            </Title>
            {state}
          </Group>
          {actions !== undefined && <Group gap="xs">{actions}</Group>}
        </Group>
        {description !== undefined && (
          <Text c="dimmed" maw={720}>
            {description}
          </Text>
        )}
      </Stack>
      {children}
    </Stack>
  )
}
