import { TextInput } from '@mantine/core'
import { Rows } from './rows.tsx'

type Pair = readonly [key: string, value: string]

interface KeyValuesProps {
  readonly what: string
  readonly pairs: readonly (readonly string[])[]
  readonly onChange: (pairs: Pair[]) => void
}

export function KeyValues({ what, pairs, onChange }: KeyValuesProps) {
  const items = pairs.map(([key = '', value = '']): Pair => [key, value])
  return (
    <Rows what={what} items={items} empty={['', '']} onChange={onChange}>
      {([key, value], change, index) => (
        <>
          <TextInput
            flex={1}
            label={`Name of ${what} ${index + 1}`}
            value={key}
            onChange={(event) => change([event.currentTarget.value, value])}
          />
          <TextInput
            flex={2}
            label={`Value of ${what} ${index + 1}`}
            value={value}
            onChange={(event) => change([key, event.currentTarget.value])}
          />
        </>
      )}
    </Rows>
  )
}
