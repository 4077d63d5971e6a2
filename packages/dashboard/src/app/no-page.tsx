import { Anchor, Button, Group, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { ErrorAlert } from '../ui/query-state.tsx'
import { Page } from '../ui/page.tsx'

export function NoSuchPage() {
  return (
    <Page title="There is no such page">
      <Text>
        <Anchor underline="always" renderRoot={(props) => <Link to="/" {...props} />}>
          The overview
        </Anchor>{' '}
        is where to start.
      </Text>
    </Page>
  )
}

/** After an update of the agent the parts of an older page are gone; loading it anew helps then, and rarely harms. */
export function BrokenPage({ error }: { error: unknown }) {
  return (
    <Page title="This page failed">
      <ErrorAlert error={error instanceof Error ? error : new Error(String(error))} />
      <Group>
        <Button onClick={() => location.reload()}>Load it again</Button>
      </Group>
    </Page>
  )
}
