import { Autocomplete, Button, Group, Select } from '@mantine/core'
import { auditOutcomes, type AuditEntry } from '@porpulsion/contract'
import { suggestions, type AuditFilters } from './audit-filters.ts'

interface FilterBarProps {
  readonly filters: AuditFilters
  /** What is shown now: what to filter by is taken from it. */
  readonly items: readonly AuditEntry[]
  readonly onChange: (filters: AuditFilters) => void
}

const fields = [
  ['actor', 'Who', 160],
  ['action', 'Action', 180],
  ['about', 'About', 240],
  ['peer', 'Peer', 130],
] as const

export function FilterBar({ filters, items, onChange }: FilterBarProps) {
  const set = (field: keyof AuditFilters, value: string | null): void => {
    const { [field]: _before, ...others } = filters
    onChange(value === null || value.trim() === '' ? others : { ...others, [field]: value.trim() })
  }
  return (
    <Group gap="xs" role="search" aria-label="Filter">
      {fields.map(([field, label, width]) => (
        <Autocomplete
          // Begins anew when the address says otherwise.
          key={`${field} ${filters[field] ?? ''}`}
          size="xs"
          w={width}
          aria-label={label}
          placeholder={label}
          defaultValue={filters[field] ?? ''}
          data={[...suggestions(items, field)]}
          limit={20}
          clearable
          onOptionSubmit={(value) => set(field, value)}
          onClear={() => set(field, null)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') set(field, event.currentTarget.value)
          }}
        />
      ))}
      <Select
        size="xs"
        w={130}
        aria-label="Outcome"
        placeholder="Outcome"
        data={[...auditOutcomes]}
        value={filters.outcome ?? null}
        clearable
        onChange={(value) => set('outcome', value)}
      />
      {Object.keys(filters).length > 0 && (
        <Button variant="subtle" color="gray" onClick={() => onChange({})}>
          Show everything
        </Button>
      )}
    </Group>
  )
}
