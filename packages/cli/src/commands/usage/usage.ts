import type { Usage, UsedOfTotals } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import { noteLine, type Io } from '../../io.ts'
import { printObject, type OutputFlags } from '../../output/format.ts'
import { table, type Column } from '../../output/table.ts'

interface Row extends UsedOfTotals {
  readonly who: string
}

type Amount = keyof UsedOfTotals['used']

export async function showUsage(io: Io, { flags }: Input<OutputFlags>): Promise<void> {
  const { client } = await connect(io, flags)
  const usage = await client.call('getUsage')
  await printObject(io, flags, usage, {
    nameOf: () => 'usage/all',
    describe: (one) => table(columns, rowsOf(one), { isWide: false }),
  })
  if (flags.output === undefined)
    await noteLine(io, 'Limits of pods count; what has none is not in CPU and MEMORY.')
}

function rowsOf({ all, peers }: Usage): Row[] {
  return [
    ...peers.map(({ peer, ...amounts }) => ({ who: peer, ...amounts })),
    { who: '(all peers)', ...all },
  ]
}

const column = (what: Amount): Column<Row> => ({
  title: what.toUpperCase(),
  value: ({ used, limits }) => {
    const most = limits[what]
    return most === 0 || most === '' ? String(used[what]) : `${used[what]} of ${most}`
  },
})

const columns: readonly Column<Row>[] = [
  { title: 'PEER', value: ({ who }) => who },
  ...(['apps', 'pods', 'cpu', 'memory', 'storage'] as const).map(column),
]
