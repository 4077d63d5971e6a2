import { Checkbox, Table, Text, UnstyledButton, VisuallyHidden } from '@mantine/core'
import { CaretDownIcon, CaretUpIcon } from '@radix-ui/react-icons'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { memo, useLayoutEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import classes from './data-table.module.css'
import { arrange, type Line, type Sort, type SortValue } from './table-rows.ts'

export interface Column<T> {
  readonly id: string
  readonly title: string
  /** The title is only read out: what stands below speaks for itself. */
  readonly hidesTitle?: boolean
  readonly cell: (row: T) => ReactNode
  /** What the column is sorted by; without it there is nothing to sort by. */
  readonly sortValue?: (row: T) => SortValue
  /** CSS width; what is left goes to columns without one. */
  readonly width?: string
  /** Left out where the table has less room than this: 540, 760, 940 or 1100 pixels. */
  readonly hideBelow?: 'sm' | 'md' | 'lg' | 'xl'
  readonly align?: 'right'
}

export interface Selection {
  readonly ids: ReadonlySet<string>
  readonly onChange: (ids: ReadonlySet<string>) => void
}

interface DataTableProps<T> {
  /** What the rows are; read out with the table. */
  readonly label: string
  readonly rows: readonly T[]
  /** The same array every time, or every row is drawn again with every change. The first column names the row. */
  readonly columns: readonly Column<T>[]
  readonly rowId: (row: T) => string
  /** What a row is called, for the box that selects it. */
  readonly rowName?: (row: T) => string
  readonly sort?: Sort | undefined
  readonly onSort?: (sort: Sort) => void
  readonly groupOf?: ((row: T) => string) | undefined
  readonly selection?: Selection
  /** In place of rows when there are none. */
  readonly empty?: ReactNode
}

const ROW_PX = 45
/** Below this, all rows are in the page, and the browser's own search finds them. */
const VIRTUAL_FROM_ROWS = 100
const OVERSCAN_ROWS = 12

/** Rows of any number: only those in sight are in the page. Sorting can be left to the table or kept by its user. */
export function DataTable<T>(props: DataTableProps<T>) {
  const { label, rows, columns, rowId, groupOf, selection, empty } = props
  const [ownSort, setOwnSort] = useState<Sort>()
  const sort = props.onSort === undefined ? ownSort : props.sort
  const sortValue = columns.find(({ id }) => id === sort?.by)?.sortValue
  const descending = sort?.descending ?? false
  const lines = useMemo(
    () => arrange(rows, { rowId, sortValue, descending, groupOf }),
    [rows, rowId, sortValue, descending, groupOf],
  )
  const { top, first, last, above, below } = useVisible(lines.length)
  const width = columns.length + (selection === undefined ? 0 : 1)

  if (rows.length === 0 && empty !== undefined) return empty
  return (
    <div className={classes['frame']} ref={top}>
      <Table aria-label={label} aria-rowcount={rows.length + 1} className={classes['table']}>
        <Head {...props} sort={sort} onSort={props.onSort ?? setOwnSort} />
        <Table.Tbody onKeyDown={moveFocus}>
          {above > 0 && <Spacer px={above} width={width} />}
          {lines
            .slice(first, last)
            .map((line) =>
              line.kind === 'group' ? (
                <GroupHead key={line.id} line={line} width={width} />
              ) : (
                <MemoRow
                  key={line.id}
                  line={line}
                  row={line.row}
                  index={line.index}
                  columns={columns}
                  name={props.rowName?.(line.row) ?? line.id}
                  selection={selection}
                  isSelected={selection?.ids.has(line.id) ?? false}
                />
              ),
            )}
          {below > 0 && <Spacer px={below} width={width} />}
        </Table.Tbody>
      </Table>
    </div>
  )
}

/** Which lines are in sight, and how much room those above and below take. */
function useVisible(count: number) {
  const top = useRef<HTMLDivElement>(null)
  const [offset, setOffset] = useState(0)
  useLayoutEffect(() => {
    if (top.current !== null) setOffset(top.current.getBoundingClientRect().top + window.scrollY)
  }, [count])
  const isVirtual = count > VIRTUAL_FROM_ROWS
  const virtualizer = useWindowVirtualizer({
    count: isVirtual ? count : 0,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN_ROWS,
    scrollMargin: offset,
  })
  if (!isVirtual) return { top, first: 0, last: count, above: 0, below: 0 }
  const items = virtualizer.getVirtualItems()
  const first = items[0]?.index ?? 0
  const last = (items.at(-1)?.index ?? -1) + 1
  return { top, first, last, above: first * ROW_PX, below: (count - last) * ROW_PX }
}

function Spacer({ px, width }: { px: number; width: number }) {
  return (
    <tr aria-hidden style={{ height: px }}>
      <td colSpan={width} />
    </tr>
  )
}

function Head<T>({
  rows,
  columns,
  rowId,
  selection,
  sort,
  onSort,
}: DataTableProps<T> & { readonly onSort: (sort: Sort) => void }) {
  return (
    <Table.Thead>
      <Table.Tr>
        {selection !== undefined && (
          <Table.Th w={40}>
            <Checkbox
              size="xs"
              aria-label="Select all"
              checked={rows.length > 0 && selection.ids.size >= rows.length}
              indeterminate={selection.ids.size > 0 && selection.ids.size < rows.length}
              onChange={(event) =>
                selection.onChange(new Set(event.currentTarget.checked ? rows.map(rowId) : []))
              }
            />
          </Table.Th>
        )}
        {columns.map((column) => (
          <HeadCell
            key={column.id}
            column={column}
            descending={sort?.by === column.id ? sort.descending : undefined}
            onSort={(descending) => onSort({ by: column.id, descending })}
          />
        ))}
      </Table.Tr>
    </Table.Thead>
  )
}

interface HeadCellProps<T> {
  readonly column: Column<T>
  /** Nothing when the table is sorted by another column. */
  readonly descending: boolean | undefined
  readonly onSort: (descending: boolean) => void
}

function HeadCell<T>({ column, descending, onSort }: HeadCellProps<T>) {
  const sorted = { undefined: 'none', true: 'descending', false: 'ascending' } as const
  return (
    <Table.Th
      w={column.width}
      data-hide={column.hideBelow}
      data-align={column.align}
      aria-sort={column.sortValue && sorted[`${descending}`]}
    >
      {column.sortValue === undefined ? (
        <Title column={column} />
      ) : (
        <UnstyledButton className={classes['sort']} onClick={() => onSort(descending === false)}>
          {column.title}
          <span aria-hidden className={classes['arrow']} data-on={descending !== undefined}>
            {descending === true ? <CaretDownIcon /> : <CaretUpIcon />}
          </span>
        </UnstyledButton>
      )}
    </Table.Th>
  )
}

function Title<T>({ column: { title, hidesTitle = false } }: { column: Column<T> }) {
  return hidesTitle ? <VisuallyHidden>{title}</VisuallyHidden> : title
}

function GroupHead({ line, width }: { line: Line<never> & { kind: 'group' }; width: number }) {
  return (
    <Table.Tr className={classes['group']}>
      <Table.Th colSpan={width} scope="rowgroup">
        {line.title}{' '}
        <Text span c="dimmed" size="xs">
          {line.count}
        </Text>
      </Table.Th>
    </Table.Tr>
  )
}

interface RowProps<T> {
  readonly line: { readonly id: string }
  readonly row: T
  readonly index: number
  readonly columns: readonly Column<T>[]
  readonly name: string
  readonly selection: Selection | undefined
  readonly isSelected: boolean
}

function Row<T>({ line, row, index, columns, name, selection, isSelected }: RowProps<T>) {
  return (
    <Table.Tr
      aria-rowindex={index + 2}
      data-row
      {...(selection !== undefined && { 'aria-selected': isSelected })}
    >
      {selection !== undefined && (
        <Table.Td>
          <Checkbox
            size="xs"
            aria-label={`Select ${name}`}
            checked={isSelected}
            onChange={(event) => selection.onChange(toggled(selection.ids, line.id, event))}
          />
        </Table.Td>
      )}
      {columns.map((column) => (
        <Table.Td key={column.id} data-hide={column.hideBelow} data-align={column.align}>
          {column.cell(row)}
        </Table.Td>
      ))}
    </Table.Tr>
  )
}

/** A row is drawn again when it changed: a thousand apps that change do not draw the others again. */
const MemoRow = memo(
  Row,
  (a, b) =>
    a.row === b.row &&
    a.index === b.index &&
    a.columns === b.columns &&
    a.isSelected === b.isSelected &&
    a.selection?.ids === b.selection?.ids,
) as typeof Row // memo forgets that Row is generic

function toggled(
  ids: ReadonlySet<string>,
  id: string,
  event: { readonly currentTarget: { readonly checked: boolean } },
): ReadonlySet<string> {
  const next = new Set(ids)
  if (event.currentTarget.checked) next.add(id)
  else next.delete(id)
  return next
}

/** Up and down go from one row's link to the next one's. */
function moveFocus(event: React.KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  if (!(event.target instanceof HTMLElement) || event.target.closest('input, [role=menu]')) return
  let row = event.target.closest('tr')
  do {
    const next = event.key === 'ArrowDown' ? row?.nextElementSibling : row?.previousElementSibling
    row = next instanceof HTMLTableRowElement ? next : null
  } while (row !== null && !('row' in row.dataset))
  const link = row?.querySelector('a')
  if (link === null || link === undefined) return
  event.preventDefault()
  link.focus()
}
