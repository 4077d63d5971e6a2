import type { Input } from '../../command.ts'
import { connect, namespaceQuery } from '../../connect.ts'
import type { Io } from '../../io.ts'
import type { OutputFlags } from '../../output/format.ts'
import { printApp } from './describe-app.ts'

interface Flags extends OutputFlags {
  readonly namespace?: string
}

export async function getApp(io: Io, { args: [id = ''], flags }: Input<Flags>): Promise<void> {
  const { client, context } = await connect(io, flags)
  const query = namespaceQuery(flags, context)
  await printApp(io, flags, await client.call('getRemoteApp', { params: { id }, query }))
}
