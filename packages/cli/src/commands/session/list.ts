import type { Session } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import type { Io } from '../../io.ts'
import { age, duration } from '../../output/age.ts'
import { printList, type ListView, type OutputFlags } from '../../output/format.ts'

const view = (nowMs: number): ListView<Session> => ({
  columns: [
    { title: 'ID', value: ({ id }) => id },
    { title: 'USER', value: ({ user }) => user },
    { title: 'ADDRESS', value: ({ address }) => address ?? '' },
    { title: 'BROWSER', value: ({ userAgent }) => userAgent ?? '' },
    { title: 'LAST USED', value: ({ lastUsedAt }) => ago(lastUsedAt, nowMs) },
    { title: 'AGE', value: ({ createdAt }) => age(createdAt, nowMs) },
    {
      title: 'EXPIRES IN',
      value: ({ expiresAt }) => duration(Date.parse(expiresAt) - nowMs),
      isWide: true,
    },
  ],
  nameOf: ({ id }) => `session/${id}`,
  whenEmpty: 'Nobody is signed in to the page.',
})

export async function listSessions(io: Io, { flags }: Input<OutputFlags>): Promise<void> {
  const { client } = await connect(io, flags)
  await printList(io, flags, await client.call('listSessions'), view(io.now()))
}

const ago = (time: string | undefined, nowMs: number): string =>
  time === undefined ? '' : `${age(time, nowMs)} ago`
