import type { Input } from '../../command.ts'
import { connect, namespaceQuery } from '../../connect.ts'
import type { Io } from '../../io.ts'
import type { OutputFlags } from '../../output/format.ts'
import type { WaitFlags } from '../../wait/options.ts'
import { finish } from './finish.ts'

interface Flags extends OutputFlags, WaitFlags {
  readonly namespace?: string
}

export async function restartApp(io: Io, { args: [id = ''], flags }: Input<Flags>): Promise<void> {
  const { client, context } = await connect(io, flags)
  const target = { params: { id }, query: namespaceQuery(flags, context) }
  // A restart makes no new generation; it is over when none of today's pods is left.
  const before = await client.call('getRemoteApp', target)
  const restarted = await client.call('restartRemoteApp', target)
  const pods = (before.status?.pods ?? []).map(({ name }) => name)
  await finish(io, client, restarted, flags, 'is restarting', pods)
}
