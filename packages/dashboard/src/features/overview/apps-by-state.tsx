import { Anchor, Stack, Text } from '@mantine/core'
import type { AppPhase } from '@porpulsion/contract'
import { Link } from '@tanstack/react-router'
import { Card } from '../../ui/card.tsx'
import { phaseLabel, phaseTones } from '../../ui/phase-badge.tsx'
import { Segments } from '../../ui/segments.tsx'
import { phaseCounts } from './phase-counts.ts'

interface App {
  readonly status?: { readonly phase: AppPhase }
}

interface AppsByStateProps {
  readonly there: readonly App[]
  readonly here: readonly App[]
}

/** Each part leads to the apps it counts. */
export function AppsByState({ there, here }: AppsByStateProps) {
  return (
    <Card title="Apps">
      <Stack gap="lg">
        <Side title="Ours, at peers" view="submitted" apps={there} empty="Nothing deployed yet." />
        <Side
          title="Of peers, here"
          view="executing"
          apps={here}
          empty="No peer runs anything here."
        />
      </Stack>
    </Card>
  )
}

interface SideProps {
  readonly title: string
  readonly view: 'submitted' | 'executing'
  readonly apps: readonly App[]
  readonly empty: string
}

function Side({ title, view, apps, empty }: SideProps) {
  return (
    <div>
      <Text size="sm" fw={500} mb={8}>
        {title}{' '}
        <Text span c="dimmed" className="tabular">
          {apps.length}
        </Text>
      </Text>
      {apps.length === 0 ? (
        <Text size="sm" c="dimmed">
          {empty}
        </Text>
      ) : (
        <Segments
          label={`${title}, by state`}
          segments={phaseCounts(apps).map(({ phase, count }) => ({
            id: phase,
            label: phaseLabel(phase),
            tone: phaseTones[phase],
            count,
            link: (content) => (
              <Anchor
                underline="hover"
                c="var(--mantine-color-text)"
                renderRoot={(props) => <Link to="/workloads" search={{ view, phase }} {...props} />}
              >
                {content}
              </Anchor>
            ),
          }))}
        />
      )}
    </div>
  )
}
