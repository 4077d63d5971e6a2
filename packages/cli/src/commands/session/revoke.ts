import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import { usageError } from '../../input/values.ts'
import { noteLine, type Io } from '../../io.ts'

interface Flags {
  readonly user?: string
}

export async function revokeSessions(io: Io, { args: [id], flags }: Input<Flags>): Promise<void> {
  const { user } = flags
  if ((id === undefined) === (user === undefined))
    throw usageError('Name one session, or a user with --user')
  const { client } = await connect(io, flags)
  if (id !== undefined) {
    await client.call('endSession', { params: { id } })
    await noteLine(io, `Session ${id} is ended.`)
  } else if (user !== undefined) {
    const { ended } = await client.call('endSessions', { query: { user } })
    await noteLine(io, `${ended} session${ended === 1 ? '' : 's'} of ${user} ended.`)
  }
}
