import type { Role } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import { noteLine, type Io } from '../../io.ts'
import { duration } from '../../output/age.ts'
import { printObject, type OutputFlags } from '../../output/format.ts'
import { userView } from './user-view.ts'

export async function createUser(
  io: Io,
  { args: [name = '', role], flags }: Input<OutputFlags>,
): Promise<void> {
  const { client } = await connect(io, flags)
  // The choices of the argument are the roles.
  const user = await client.call('createUser', { body: { name, role: role as Role } })
  const { nameOf } = userView
  await printObject(io, flags, user, { nameOf, describe: ({ loginUrl }) => [loginUrl] })
  if (flags.output !== undefined) return
  const lives = duration(Date.parse(user.loginUrlExpiresAt) - io.now())
  await noteLine(
    io,
    `Hand it to ${name}: it signs in once, within ${lives}. They may set a password then.`,
  )
}
