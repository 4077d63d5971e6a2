import { NumberInput, TextInput } from '@mantine/core'
import type { AppPort } from '@porpulsion/contract'
import { Rows } from './rows.tsx'

interface PortRowsProps {
  readonly ports: readonly AppPort[]
  readonly onChange: (ports: AppPort[]) => void
}

export function PortRows({ ports, onChange }: PortRowsProps) {
  return (
    <Rows what="port" items={ports} empty={{ port: 8080 }} onChange={onChange}>
      {(port, change, index) => (
        <>
          <NumberInput
            flex={1}
            label={`Number of port ${index + 1}`}
            min={1}
            max={65_535}
            allowDecimal={false}
            value={port.port}
            onChange={(value) => change({ ...port, port: Number(value) })}
          />
          <TextInput
            flex={1}
            label={`Name of port ${index + 1}`}
            placeholder="http"
            value={port.name ?? ''}
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
