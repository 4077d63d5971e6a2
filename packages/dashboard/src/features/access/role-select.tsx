import { Select } from '@mantine/core'
import { roles, type Role } from '@porpulsion/contract'
import { roleWords } from './roles.ts'

interface RoleSelectProps {
  readonly value: Role
  readonly onChange: (role: Role) => void
  /** The highest that can be given. */
  readonly upTo?: Role
}

export function RoleSelect({ value, onChange, upTo = 'admin' }: RoleSelectProps) {
  const offered = roles.slice(0, roles.indexOf(upTo) + 1)
  return (
    <Select
      label="Role"
      description={roleWords[value]}
      inputWrapperOrder={['label', 'input', 'description']}
      data={[...offered]}
      value={value}
      allowDeselect={false}
      onChange={(role) => {
        const chosen = offered.find((one) => one === role)
        if (chosen !== undefined) onChange(chosen)
      }}
    />
  )
}
