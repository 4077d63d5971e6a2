import type { Input } from '../../command.ts'
import { connect, namespaceQuery } from '../../connect.ts'
import type { Io } from '../../io.ts'
import type { OutputFlags } from '../../output/format.ts'
import type { WaitFlags } from '../../wait/options.ts'
import { finish } from './finish.ts'
import { replicaCount } from './spec-flags.ts'

interface Flags extends OutputFlags, WaitFlags {
  readonly namespace?: string
  readonly replicas: string
}

export async function scaleApp(io: Io, { args: [id = ''], flags }: Input<Flags>): Promise<void> {
  const replicas = replicaCount(flags.replicas)
  const { client, context } = await connect(io, flags)
  const query = namespaceQuery(flags, context)
  const scaled = await client.call('scaleRemoteApp', { params: { id }, query, body: { replicas } })
  await finish(io, client, scaled, flags, `shall have ${replicas} pod${replicas === 1 ? '' : 's'}`)
}
