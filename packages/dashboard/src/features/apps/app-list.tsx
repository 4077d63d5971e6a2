import { Button, Group, Text } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { MagnifyingGlassIcon } from '@radix-ui/react-icons'
import { useMemo, useRef, type ReactNode } from 'react'
import { DataTable, type Column, type Selection } from '../../ui/data-table.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import type { AppFacts } from './app-facts.ts'
import { filterApps } from './filter-apps.ts'
import { FilterBar } from './filter-bar.tsx'
import { filterOf, isNarrowed, sortOf, sortText } from './list-view.ts'
import { useListSearch } from './use-list-search.ts'

interface Identified {
  readonly metadata: { readonly uid?: string; readonly name: string }
}

interface AppListProps<T> {
  readonly label: string
  readonly apps: readonly T[]
  /** Constant, like `columns`. */
  readonly factsOf: (app: T) => AppFacts
  readonly columns: readonly Column<T>[]
  readonly selection?: Selection
  /** When there is no app at all. */
  readonly empty: ReactNode
}

/** A list of apps, narrowed, sorted and grouped as the address says. */
export function AppList<T extends Identified>(props: AppListProps<T>) {
  const { apps, factsOf, columns, selection, label, empty } = props
  const { search, change } = useListSearch()
  const { q = '', peer = '', phase = '' } = search
  const filter = useMemo(() => filterOf({ q, peer, phase }), [q, peer, phase])
  const { shown, phases, peers } = useMemo(
    () => filterApps(apps, factsOf, filter),
    [apps, factsOf, filter],
  )
  const sort = sortOf(search)
  const groupOf = useMemo(
    () => (search.group === 'peer' ? (app: T) => factsOf(app).peer : undefined),
    [search.group, factsOf],
  )
  const field = useRef<HTMLInputElement>(null)
  useHotkeys([['/', () => field.current?.focus()]])

  if (apps.length === 0) return empty
  const showAll = (): void => change({ q: undefined, phase: undefined, peer: undefined })
  return (
    <>
      <FilterBar
        filter={filter}
        phases={phases}
        peers={peers}
        isGrouped={groupOf !== undefined}
        searchRef={field}
        onText={(text) => change({ q: text === '' ? undefined : text })}
        onPhases={(chosen) => change({ phase: chosen })}
        onPeers={(chosen) => change({ peer: chosen })}
        onGroup={(isGrouped) => change({ group: isGrouped ? 'peer' : undefined })}
      />
      <DataTable
        label={label}
        rows={shown}
        columns={columns}
        rowId={rowId}
        rowName={(app) => factsOf(app).name}
        sort={sort}
        onSort={(by) => change({ sort: sortText(by) })}
        groupOf={groupOf}
        {...(selection !== undefined && { selection })}
        empty={
          <EmptyState
            icon={<MagnifyingGlassIcon width={28} height={28} />}
            title="No app is like that"
            actions={
              <Button variant="default" onClick={showAll}>
                Show all {apps.length}
              </Button>
            }
          >
            None of the {apps.length} apps fits the search and the phases and peers that are chosen.
          </EmptyState>
        }
      />
      <Group justify="space-between" mih={20}>
        <Text size="xs" c="dimmed" role="status" className="tabular">
          {isNarrowed(filter) ? `${shown.length} of ${apps.length} apps` : countOf(apps.length)}
        </Text>
      </Group>
    </>
  )
}

const rowId = ({ metadata }: Identified): string => metadata.uid ?? metadata.name
const countOf = (count: number): string => (count === 1 ? '1 app' : `${count} apps`)
