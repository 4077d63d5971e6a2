import type { Input } from '../../command.ts'
import { connect, namespaceQuery } from '../../connect.ts'
import type { Io } from '../../io.ts'
import { printList, type OutputFlags } from '../../output/format.ts'
import { appListView } from './describe-app.ts'

interface Flags extends OutputFlags {
  readonly namespace?: string
  readonly peer?: string
}

export async function listApps(io: Io, { flags }: Input<Flags>): Promise<void> {
  const { client, context } = await connect(io, flags)
  const query = {
    ...namespaceQuery(flags, context),
    ...(flags.peer !== undefined && { peer: flags.peer }),
  }
  await printList(io, flags, await client.call('listRemoteApps', { query }), appListView(io.now()))
}
