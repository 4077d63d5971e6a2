import { Anchor, Group, Text, VisuallyHidden } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { StatusDot } from '../../ui/status-dot.tsx'
import { linkTones, linkWords, useLink } from './use-link.ts'

/** A peer with the state of its link, and the way to its page. */
export function PeerName({ name }: { name: string }) {
  const link = useLink(name)
  const words = link === undefined ? 'Not known yet' : linkWords[link]
  return (
    <Group gap={8} wrap="nowrap" display="inline-flex" maw="100%" title={words}>
      <StatusDot tone={link === undefined ? 'idle' : linkTones[link]} />
      {link === 'gone' ? (
        <Text span size="sm" truncate>
          {name}
        </Text>
      ) : (
        <Anchor
          size="sm"
          c="inherit"
          truncate
          renderRoot={(props) => <Link to="/peers/$name" params={{ name }} {...props} />}
        >
          {name}
        </Anchor>
      )}
      <VisuallyHidden>({words})</VisuallyHidden>
    </Group>
  )
}
