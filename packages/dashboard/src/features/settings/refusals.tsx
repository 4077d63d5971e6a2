import { Anchor, Button, Group, Stack, Text } from '@mantine/core'
import type { Violation } from '@porpulsion/contract'
import { Link } from '@tanstack/react-router'
import { visibleText } from '../../ui/visible-text.ts'

/** More than anybody reads at once. */
const MAX_SHOWN = 25

interface RefusalsProps {
  readonly label: string
  readonly items: readonly Violation[]
  /** Offered beside each, where given. */
  readonly onStop?: ((violation: Violation) => void) | undefined
}

/** Apps and everything that the rules have against them. */
export function Refusals({ label, items, onStop }: RefusalsProps) {
  return (
    <Stack component="ul" aria-label={label} gap="sm" p={0} m={0} style={{ listStyle: 'none' }}>
      {items.slice(0, MAX_SHOWN).map((violation) => (
        <li key={violation.uid}>
          <Group justify="space-between" wrap="nowrap" gap="xs">
            <HostedAppLink violation={violation} />
            {onStop !== undefined && (
              <Button
                variant="subtle"
                color="red"
                size="compact-xs"
                aria-label={`Stop ${violation.app}`}
                onClick={() => onStop(violation)}
              >
                Stop
              </Button>
            )}
          </Group>
          {violation.objections.map(({ reason, message }) => (
            <Text size="sm" key={reason + message} className="foreign">
              <strong>{reason}</strong>: {visibleText(message)}
            </Text>
          ))}
        </li>
      ))}
      {items.length > MAX_SHOWN && (
        <Text component="li" size="sm" c="dimmed">
          and {items.length - MAX_SHOWN} more
        </Text>
      )}
    </Stack>
  )
}

function HostedAppLink({ violation: { namespace, name, app, peer } }: { violation: Violation }) {
  return (
    <Text size="sm" className="foreign">
      <Anchor
        fw={600}
        inherit
        renderRoot={(props) => (
          <Link to="/hosted/$namespace/$name" params={{ namespace, name }} {...props} />
        )}
      >
        {app}
      </Anchor>{' '}
      <Text span c="dimmed" inherit>
        of {peer}
      </Text>
    </Text>
  )
}
