import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import { noteLine, type Io } from '../../io.ts'

export async function revokeInvite(io: Io, { args: [id = ''], flags }: Input): Promise<void> {
  const { client } = await connect(io, flags)
  await client.call('revokeInvite', { params: { id } })
  await noteLine(io, `Invite ${id} is revoked.`)
}
