import { TextInput } from '@mantine/core'
import type { RemoteAppSpec } from '@porpulsion/contract'
import { Rows } from './rows.tsx'

type EnvVar = NonNullable<RemoteAppSpec['env']>[number]

interface EnvRowsProps {
  readonly env: readonly EnvVar[]
  readonly onChange: (env: EnvVar[]) => void
}

/** In the order of the manifest, which counts: a variable may refer to those above it. */
export function EnvRows({ env, onChange }: EnvRowsProps) {
  return (
    <Rows<EnvVar> what="variable" items={env} empty={{ name: '', value: '' }} onChange={onChange}>
      {(item, change, index) => (
        <>
          <TextInput
            flex={1}
            miw={120}
            label={`Name of variable ${index + 1}`}
            value={item.name}
            onChange={(event) => change({ ...item, name: event.currentTarget.value })}
          />
          <TextInput
            flex={2}
            miw={120}
            label={`Value of variable ${index + 1}`}
            disabled={item.valueFrom !== undefined}
            placeholder={item.valueFrom === undefined ? undefined : 'a reference; edit it as YAML'}
            value={item.value ?? ''}
            onChange={(event) => change({ ...item, value: event.currentTarget.value })}
          />
        </>
      )}
    </Rows>
  )
}
