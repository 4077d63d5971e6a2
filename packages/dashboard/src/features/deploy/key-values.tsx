import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { Rows } from './rows.tsx'

type Pair = readonly [key: string, value: string]

interface KeyValuesProps {
  readonly what: string
  /** Read once; from then on what is typed here counts. */
  readonly values: Readonly<Record<string, string>>
  readonly onChange: (values: Record<string, string>) => void
}

/** A map, edited as rows: on its way to a new key a row may have none, or that of another, and neither may vanish. */
export function KeyValues({ what, values, onChange }: KeyValuesProps) {
  const [pairs, setPairs] = useState<readonly Pair[]>(() => Object.entries(values))
  const isTwice = (key: string): boolean => pairs.filter(([other]) => other === key).length > 1
  return (
    <Rows<Pair>
      what={what}
      items={pairs}
      empty={['', '']}
      onChange={(changed) => {
        setPairs(changed)
        onChange(Object.fromEntries(changed.filter(([key]) => key !== '')))
      }}
    >
      {([key, value], change, index) => (
        <>
          <TextInput
            flex={1}
            miw={120}
            label={`Name of ${what} ${index + 1}`}
            value={key}
            error={isTwice(key) && 'Twice; the last one counts'}
            onChange={(event) => change([event.currentTarget.value, value])}
          />
          <TextInput
            flex={2}
            miw={120}
            label={`Value of ${what} ${index + 1}`}
            value={value}
            onChange={(event) => change([key, event.currentTarget.value])}
          />
        </>
      )}
    </Rows>
  )
}
