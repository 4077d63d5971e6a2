import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import type { Io } from '../../io.ts'
import { printList, type OutputFlags } from '../../output/format.ts'
import { userListView } from './user-view.ts'

export async function listUsers(io: Io, { flags }: Input<OutputFlags>): Promise<void> {
  const { client } = await connect(io, flags)
  await printList(io, flags, await client.call('listUsers'), userListView(io.now()))
}
