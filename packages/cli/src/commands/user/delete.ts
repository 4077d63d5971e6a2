import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import { noteLine, type Io } from '../../io.ts'

export async function deleteUser(io: Io, { args: [name = ''], flags }: Input): Promise<void> {
  const { client } = await connect(io, flags)
  await client.call('deleteUser', { params: { name } })
  await noteLine(io, `User ${name} is deleted, with their sessions, links and tokens.`)
}
