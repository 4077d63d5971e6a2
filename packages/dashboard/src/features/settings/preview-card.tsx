import { Group, Loader, Skeleton, Stack, Text } from '@mantine/core'
import type { SettingsPreview, Violation } from '@porpulsion/contract'
import { useState } from 'react'
import { useMay } from '../../api/use-may.ts'
import { Card } from '../../ui/card.tsx'
import { StateLabel } from '../../ui/state-label.tsx'
import { useToast } from '../../ui/toasts.tsx'
import { Refusals } from './refusals.tsx'
import { StopApp } from './stop-app.tsx'
import type { Preview } from './use-preview.ts'

interface PreviewCardProps {
  readonly preview: Preview
  /** The rules in the form are not those in force. */
  readonly isEdited: boolean
}

/** "What would this refuse today?", answered while the rules are being written. */
export function PreviewCard({ preview, isEdited }: PreviewCardProps) {
  return (
    <Card
      title="What would this refuse today?"
      actions={!preview.isCurrent && preview.error === null && <Loader size={14} />}
    >
      {/* There before it is filled: screen readers announce what changes in it. */}
      <div role="status">
        <Answer preview={preview} isEdited={isEdited} />
      </div>
    </Card>
  )
}

function Answer({ preview: { result, error, fieldErrors }, isEdited }: PreviewCardProps) {
  if (error !== null)
    return (
      <Stack gap={4}>
        <StateLabel
          tone="bad"
          label={fieldErrors.size > 0 ? 'These rules are not valid' : 'No answer'}
        />
        {fieldErrors.size === 0 ? (
          <Text size="sm">{error.message}</Text>
        ) : (
          [...fieldErrors].map(([path, message]) => (
            <Text size="sm" key={path} className="foreign">
              <strong>{path}</strong> {message}
            </Text>
          ))
        )}
      </Stack>
    )
  if (result === undefined) return <Skeleton h={44} />
  return isEdited ? <WouldBe result={result} /> : <AsItIs items={result.violations} />
}

/** Rules that became stricter stop nothing by themselves: what breaks them goes on until somebody stops it. */
function AsItIs({ items }: { items: readonly Violation[] }) {
  const toast = useToast()
  const mayStop = useMay('admin')
  const [doomed, setDoomed] = useState<Violation>()
  if (items.length === 0)
    return (
      <Stack gap={4}>
        <StateLabel tone="good" label="Nothing that runs here" />
        <Text size="sm" c="dimmed">
          Every app of a peer keeps to the rules as they are. Change one, and see here what it would
          mean before it is saved.
        </Text>
      </Stack>
    )
  return (
    <Stack gap="xs">
      <StateLabel tone="warn" label={`${counted(items)} would not be admitted now`} />
      <Text size="sm" c="dimmed">
        They came before the rules did, and go on until somebody stops them.
      </Text>
      <Refusals label="Refused now" items={items} onStop={mayStop ? setDoomed : undefined} />
      {doomed !== undefined && (
        <StopApp
          violation={doomed}
          onStopped={() => {
            toast({ text: `Stopped: ${doomed.app} of peer ${doomed.peer}.` })
            setDoomed(undefined)
          }}
          onClose={() => setDoomed(undefined)}
        />
      )}
    </Stack>
  )
}

function WouldBe({ result: { violations, noLonger } }: { result: SettingsPreview }) {
  return (
    <Stack gap="sm">
      {violations.length === 0 ? (
        <StateLabel tone="good" label="Nothing that runs here" />
      ) : (
        <Stack gap="xs">
          <StateLabel tone="warn" label={`${counted(violations)} that ${runs(violations)} here`} />
          <Text size="sm" c="dimmed">
            Saving stops nothing; what breaks the new rules stays listed here.
          </Text>
          <Refusals label="Would be refused" items={violations} />
        </Stack>
      )}
      {noLonger.length > 0 && (
        <Group gap={8} wrap="nowrap" align="flex-start">
          <StateLabel tone="good" label="Mended:" />
          <Text size="sm" className="foreign">
            {noLonger.map(({ app, peer }) => `${app} of ${peer}`).join(', ')}
          </Text>
        </Group>
      )}
    </Stack>
  )
}

const counted = ({ length }: readonly unknown[]): string =>
  length === 1 ? 'One app' : `${length} apps`
const runs = ({ length }: readonly unknown[]): string => (length === 1 ? 'runs' : 'run')
