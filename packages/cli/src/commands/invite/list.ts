import type { Invite } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import type { Io } from '../../io.ts'
import { age, duration } from '../../output/age.ts'
import { printList, type ListView, type OutputFlags } from '../../output/format.ts'

const view = (nowMs: number): ListView<Invite> => ({
  columns: [
    { title: 'ID', value: ({ id }) => id },
    { title: 'EXPIRES IN', value: ({ expiresAt }) => duration(Date.parse(expiresAt) - nowMs) },
    { title: 'CONFIRMS', value: ({ autoConfirm }) => (autoConfirm ? 'by itself' : 'by words') },
    { title: 'CREATED BY', value: ({ createdBy }) => createdBy },
    { title: 'AGE', value: ({ createdAt }) => age(createdAt, nowMs), isWide: true },
  ],
  nameOf: ({ id }) => `invite/${id}`,
  whenEmpty: 'No open invites; "porpulsion invite create" makes one.',
})

export async function listInvites(io: Io, { flags }: Input<OutputFlags>): Promise<void> {
  const { client } = await connect(io, flags)
  await printList(io, flags, await client.call('listInvites'), view(io.now()))
}
