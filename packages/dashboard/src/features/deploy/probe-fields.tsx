import { Fieldset, SimpleGrid, Switch, Text, TextInput } from '@mantine/core'
import type { Probe } from '@porpulsion/contract'
import { NumberField } from './number-field.tsx'

interface ProbeFieldsProps {
  readonly legend: string
  readonly probe: Probe | undefined
  readonly onChange: (probe: Probe | undefined) => void
}

/** HTTP probes by form; TCP and exec probes are kept, and edited as YAML. */
export function ProbeFields({ legend, probe, onChange }: ProbeFieldsProps) {
  const http = probe?.httpGet
  return (
    <Fieldset legend={legend}>
      <Switch
        label={`Use a ${legend.toLowerCase()}`}
        checked={probe !== undefined}
        onChange={(event) =>
          onChange(event.currentTarget.checked ? { httpGet: { path: '/', port: 8080 } } : undefined)
        }
      />
      {probe !== undefined && http === undefined && (
        <Text size="sm">This probe is not HTTP; edit it as YAML.</Text>
      )}
      {probe !== undefined && http !== undefined && (
        <SimpleGrid cols={{ base: 1, sm: 3 }} mt="sm">
          <TextInput
            label="Path"
            value={http.path ?? '/'}
            onChange={(event) =>
              onChange({ ...probe, httpGet: { ...http, path: event.currentTarget.value } })
            }
          />
          <NumberField
            label="Port"
            min={1}
            max={65_535}
            value={http.port}
            onChange={(port) => onChange({ ...probe, httpGet: { ...http, port: port ?? 0 } })}
          />
          <NumberField
            label="Every … seconds"
            min={1}
            placeholder="10"
            value={probe.periodSeconds}
            onChange={(periodSeconds) => {
              const { periodSeconds: _old, ...rest } = probe
              onChange(periodSeconds === undefined ? rest : { ...rest, periodSeconds })
            }}
          />
        </SimpleGrid>
      )}
    </Fieldset>
  )
}
