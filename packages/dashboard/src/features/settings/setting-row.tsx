import { ActionIcon, Button, Group, Text, Tooltip } from '@mantine/core'
import { ExclamationTriangleIcon, ResetIcon } from '@radix-ui/react-icons'
import { useId } from 'react'
import { WithCode } from '../../ui/with-code.tsx'
import { FieldControl } from './field-control.tsx'
import type { FieldPlace } from './fields.ts'
import { fieldSchema } from './field-schema.ts'
import type { FieldState } from './scope.ts'
import classes from './settings.module.css'

interface SettingRowProps {
  readonly place: FieldPlace
  readonly state: FieldState
  readonly mayEdit: boolean
  readonly error: string | undefined
  readonly suggestions: readonly string[]
  readonly onChange: (value: unknown) => void
}

/** One rule: what it is called, what it means, its value, and the way back to where the value came from. */
export function SettingRow(props: SettingRowProps) {
  const { place, state, mayEdit, error, suggestions, onChange } = props
  const schema = fieldSchema(place.path)
  const descriptionId = useId()
  return (
    <div className={classes['row']} data-changed={state.isChanged || undefined}>
      <div>
        <Text fw={500}>{place.label}</Text>
        <div id={descriptionId}>
          <Text size="sm" c="dimmed">
            <WithCode text={schema.description} />
          </Text>
          {place.risk !== undefined && <Risk text={place.risk} isOn={state.value === true} />}
          {state.besides.length > 0 && (
            <Text size="sm" c="dimmed" className="foreign">
              In addition to the general rule: {state.besides.join(', ')}
            </Text>
          )}
          {error !== undefined && (
            <Text size="sm" c="var(--tone-bad)" role="alert">
              {error}
            </Text>
          )}
        </div>
      </div>
      <div className={classes['control']}>
        {mayEdit && <WayBack label={place.label} state={state} onChange={onChange} />}
        <FieldControl
          label={place.label}
          descriptionId={descriptionId}
          schema={schema}
          value={state.value}
          onChange={onChange}
          disabled={!mayEdit || state.isInherited}
          error={error}
          suggestions={suggestions}
        />
      </div>
    </div>
  )
}

function Risk({ text, isOn }: { text: string; isOn: boolean }) {
  return (
    <Group gap={6} wrap="nowrap" align="flex-start" c="var(--tone-warn)" pt={2}>
      <ExclamationTriangleIcon aria-hidden className={classes['sign'] ?? ''} />
      <Text size="sm" fw={isOn ? 600 : 400}>
        {text}
      </Text>
    </Group>
  )
}

function WayBack({
  label,
  state,
  onChange,
}: {
  label: string
  state: FieldState
  onChange: (value: unknown) => void
}) {
  if (state.isInherited)
    return (
      <Button
        variant="default"
        onClick={() => onChange(state.overrideWith)}
        aria-label={`Override: ${label}`}
      >
        Override
      </Button>
    )
  if (!state.isSet) return null
  const words = state.peer === undefined ? 'Back to the default' : 'Back to the general rule'
  return (
    <Tooltip label={words}>
      <ActionIcon onClick={() => onChange(undefined)} aria-label={`${words}: ${label}`}>
        <ResetIcon />
      </ActionIcon>
    </Tooltip>
  )
}
