import { parseQuantity, type AppMetrics } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { connect, namespaceQuery } from '../../connect.ts'
import type { Io } from '../../io.ts'
import { printObject, type OutputFlags } from '../../output/format.ts'
import { table } from '../../output/table.ts'

interface Flags extends OutputFlags {
  readonly namespace?: string
}

export async function printUsage(io: Io, { args: [id = ''], flags }: Input<Flags>): Promise<void> {
  const { client, context } = await connect(io, flags)
  const query = namespaceQuery(flags, context)
  const metrics = await client.call('getAppMetrics', { params: { id }, query })
  await printObject(io, flags, metrics, { nameOf: () => `remoteapp/${id}`, describe })
}

function describe({ pods, limits = {} }: AppMetrics): string[] {
  if (pods.length === 0)
    return ['None of its pods has been measured yet; a new one takes up to a minute.']
  return table(
    [
      { title: 'POD', value: ({ name }) => name },
      { title: 'CPU', value: ({ cpu }) => used(cpu, limits.cpu, millicores) },
      { title: 'MEMORY', value: ({ memory }) => used(memory, limits.memory, mebibytes) },
    ],
    pods,
    { isWide: false },
  )
}

type Format = (nano: bigint) => string

/** `12m of 500m`; without a limit only what is used. */
function used(amount: string, limit: string | undefined, format: Format): string {
  const text = (quantity: string): string => {
    const nano = parseQuantity(quantity)
    return nano === undefined ? quantity : format(nano)
  }
  return limit === undefined ? text(amount) : `${text(amount)} of ${text(limit)}`
}

/** Rounded up, as `kubectl top` does: what runs uses something. */
const roundedUp = (nano: bigint, unit: bigint): bigint => (nano + unit - 1n) / unit
const millicores: Format = (nano) => `${roundedUp(nano, 1_000_000n)}m`
const mebibytes: Format = (nano) => `${roundedUp(nano, 1_000_000_000n * 1_048_576n)}Mi`
