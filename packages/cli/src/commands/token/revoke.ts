import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import { noteLine, type Io } from '../../io.ts'

export async function revokeToken(io: Io, { args: [id = ''], flags }: Input): Promise<void> {
  const { client } = await connect(io, flags)
  await client.call('revokeToken', { params: { id } })
  await noteLine(io, `Token ${id} is revoked.`)
}
