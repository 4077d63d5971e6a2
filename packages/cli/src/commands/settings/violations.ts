/** Apps of peers that run here though the rules would not admit them any more. */
import type { Violation } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import { noteLine, type Io } from '../../io.ts'
import { printList, type ListView, type OutputFlags } from '../../output/format.ts'

interface Flags extends OutputFlags {
  readonly stop?: boolean
}

const view: ListView<Violation> = {
  columns: [
    { title: 'APP', value: ({ app }) => app },
    { title: 'PEER', value: ({ peer }) => peer },
    { title: 'BREAKS', value: ({ objections }) => objections.map((one) => one.reason).join(',') },
    {
      title: 'BECAUSE',
      value: ({ objections }) => objections.map((one) => one.message).join('; '),
    },
    { title: 'UID', value: ({ uid }) => uid, isWide: true },
  ],
  nameOf: ({ namespace, name }) => `executingapp/${namespace},${name}`,
  whenEmpty: 'Every app that runs here keeps the rules.',
}

export async function violations(io: Io, { flags }: Input<Flags>): Promise<void> {
  const { client } = await connect(io, flags)
  const list =
    flags.stop === true
      ? await client.call('stopViolations', { body: {} })
      : await client.call('listViolations')
  await printList(io, flags, list, view)
  if (list.items.length === 0 || flags.output !== undefined) return
  await noteLine(
    io,
    flags.stop === true
      ? 'Stopped. Each runs again once the rules, or its owner’s next version, allow it.'
      : 'They go on running; "porpulsion settings violations --stop" stops them.',
  )
}
