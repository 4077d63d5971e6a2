import { Fieldset, NumberInput, SimpleGrid, Switch, Text, TextInput } from '@mantine/core'
import type { Probe } from '@porpulsion/contract'

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
          <NumberInput
            label="Port"
            min={1}
            max={65_535}
            value={http.port}
            onChange={(value) => onChange({ ...probe, httpGet: { ...http, port: Number(value) } })}
          />
          <NumberInput
            label="Every … seconds"
            min={1}
            value={probe.periodSeconds ?? 10}
            onChange={(value) => onChange({ ...probe, periodSeconds: Number(value) })}
          />
        </SimpleGrid>
      )}
    </Fieldset>
  )
}
