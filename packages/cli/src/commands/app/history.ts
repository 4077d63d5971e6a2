import type { AppRevision } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { connect, namespaceQuery } from '../../connect.ts'
import type { Io } from '../../io.ts'
import { age } from '../../output/age.ts'
import { printList, type ListView, type OutputFlags } from '../../output/format.ts'

interface Flags extends OutputFlags {
  readonly namespace?: string
}

export async function printHistory(
  io: Io,
  { args: [id = ''], flags }: Input<Flags>,
): Promise<void> {
  const { client, context } = await connect(io, flags)
  const query = namespaceQuery(flags, context)
  const revisions = await client.call('listRevisions', { params: { id }, query })
  await printList(io, flags, revisions, view(io.now()))
}

const view = (nowMs: number): ListView<AppRevision> => ({
  columns: [
    { title: 'REVISION', value: ({ revision, isCurrent }) => `${revision}${isCurrent ? '*' : ''}` },
    { title: 'AGE', value: ({ time }) => age(time, nowMs) },
    { title: 'BY', value: ({ by }) => by ?? '' },
    { title: 'IMAGE', value: ({ spec }) => spec.image, isWide: true },
    { title: 'CHANGED', value: ({ changed }) => changed.join(', ') },
  ],
  nameOf: ({ revision }) => `revision/${revision}`,
  whenEmpty: 'Nothing is kept of this app yet.',
})
