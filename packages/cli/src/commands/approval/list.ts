import type { Approval } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import type { Io } from '../../io.ts'
import { age } from '../../output/age.ts'
import { printList, type ListView, type OutputFlags } from '../../output/format.ts'

interface Flags extends OutputFlags {
  readonly peer?: string
}

const view = (nowMs: number): ListView<Approval> => ({
  columns: [
    { title: 'ID', value: ({ id }) => id },
    { title: 'WHAT', value: whatOf },
    { title: 'PEER', value: ({ peer }) => peer },
    { title: 'STATE', value: ({ state }) => state },
    { title: 'SINCE', value: ({ since }) => age(since, nowMs) },
    { title: 'BY', value: ({ by = '' }) => by, isWide: true },
    { title: 'NOTE', value: ({ note = '' }) => note, isWide: true },
  ],
  nameOf: ({ id }) => `approval/${id}`,
  whenEmpty: 'Nothing waits for approval.',
})

/** `app web (nginx:2), an update` or `port 8080 of app web`. */
export function whatOf({ app, image, isUpdate, port }: Approval): string {
  if (port !== undefined) return `port ${port} of app ${app.name}`
  return `app ${app.name} (${image ?? ''})${isUpdate === true ? ', an update' : ''}`
}

export async function listApprovals(io: Io, { flags }: Input<Flags>): Promise<void> {
  const { client } = await connect(io, flags)
  const query = flags.peer === undefined ? {} : { peer: flags.peer }
  await printList(io, flags, await client.call('listApprovals', { query }), view(io.now()))
}
