import { TextInput } from '@mantine/core'
import type { AppPort } from '@porpulsion/contract'
import { NumberField } from './number-field.tsx'
import { Rows } from './rows.tsx'

interface PortRowsProps {
  readonly ports: readonly AppPort[]
  readonly errorAt: (path: string) => string | undefined
  readonly onChange: (ports: AppPort[]) => void
}

export function PortRows({ ports, errorAt, onChange }: PortRowsProps) {
  return (
    <Rows what="port" items={ports} empty={{ port: 8080 }} onChange={onChange}>
      {(port, change, index) => (
        <>
          <NumberField
            label={`Number of port ${index + 1}`}
            min={1}
            max={65_535}
            value={port.port}
            error={errorAt(`spec.ports[${index}].port`)}
            // An empty field is a wrong port, which the check names.
            onChange={(value) => change({ ...port, port: value ?? 0 })}
          />
          <TextInput
            flex={1}
            miw={120}
            label={`Name of port ${index + 1}`}
            placeholder="http"
            value={port.name ?? ''}
            error={errorAt(`spec.ports[${index}].name`)}
            onChange={(event) => {
              const { name: _old, ...rest } = port
              const name = event.currentTarget.value
              change(name === '' ? rest : { ...rest, name })
            }}
          />
        </>
      )}
    </Rows>
  )
}
