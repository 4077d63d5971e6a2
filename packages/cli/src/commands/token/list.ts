import type { ApiToken } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import type { Io } from '../../io.ts'
import { age, duration } from '../../output/age.ts'
import { printList, type ListView, type OutputFlags } from '../../output/format.ts'

const view = (nowMs: number): ListView<ApiToken> => ({
  columns: [
    { title: 'NAME', value: ({ name }) => name },
    { title: 'ROLE', value: ({ role }) => role },
    {
      title: 'EXPIRES IN',
      value: ({ expiresAt }) =>
        expiresAt === undefined ? 'never' : duration(Date.parse(expiresAt) - nowMs),
    },
    { title: 'LAST USED', value: ({ lastUsedAt }) => agoOrNever(lastUsedAt, nowMs) },
    { title: 'AGE', value: ({ createdAt }) => age(createdAt, nowMs) },
    { title: 'ID', value: ({ id }) => id, isWide: true },
  ],
  nameOf: ({ name }) => `token/${name}`,
  whenEmpty: 'No tokens; "porpulsion token create NAME" makes one.',
})

export async function listTokens(io: Io, { flags }: Input<OutputFlags>): Promise<void> {
  const { client } = await connect(io, flags)
  await printList(io, flags, await client.call('listTokens'), view(io.now()))
}

const agoOrNever = (time: string | undefined, nowMs: number): string =>
  time === undefined ? 'never' : `${age(time, nowMs)} ago`
