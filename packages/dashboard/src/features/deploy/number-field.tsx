import { NumberInput } from '@mantine/core'
import { useState } from 'react'

interface NumberFieldProps {
  readonly label: string
  readonly value: number | undefined
  readonly min: number
  readonly max?: number
  readonly placeholder?: string
  readonly error?: string | undefined
  /** `undefined` when the field was emptied. */
  readonly onChange: (value: number | undefined) => void
}

/** A whole number that may be absent: the field can be emptied and typed anew without a 0 jumping in. */
export function NumberField({ value, onChange, ...input }: NumberFieldProps) {
  const [typed, setTyped] = useState<number | string>(value ?? '')
  return (
    <NumberInput
      {...input}
      flex={1}
      miw={120}
      allowDecimal={false}
      value={typed}
      onChange={(next) => {
        setTyped(next)
        onChange(next === '' ? undefined : Number(next))
      }}
    />
  )
}
