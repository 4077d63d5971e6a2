import { isPorpulsionError } from '@porpulsion/contract'
import type { GlobalFlags, Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import type { Io } from '../../io.ts'
import { printObject, type OutputFlags } from '../../output/format.ts'
import { facts } from '../../output/table.ts'
import { version } from '../../version.ts'

interface Versions {
  readonly client: string
  readonly node: string
  readonly agent?: string
}

/** Works without an agent: whoever reports a defect may have none that answers. */
export async function showVersion(io: Io, { flags }: Input<OutputFlags>): Promise<void> {
  const agent = await agentVersion(io, flags)
  const versions = { client: version, node: process.version, ...(agent !== undefined && { agent }) }
  await printObject<Versions>(io, flags, versions, {
    nameOf: ({ client }) => `porpulsion/${client}`,
    describe: ({ client, node }) =>
      facts([
        ['porpulsion', `${client} (Node ${node.slice(1)})`],
        ['agent', agent ?? 'not reached'],
      ]),
  })
}

async function agentVersion(io: Io, flags: GlobalFlags): Promise<string | undefined> {
  try {
    const { client } = await connect(io, flags)
    return (await client.call('getStatus')).version
  } catch (error) {
    if (isPorpulsionError(error) && error.kind !== 'Aborted') return undefined
    throw error
  }
}
