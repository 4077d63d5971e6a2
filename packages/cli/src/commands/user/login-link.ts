import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import { noteLine, type Io } from '../../io.ts'
import { duration } from '../../output/age.ts'
import { printObject, type OutputFlags } from '../../output/format.ts'
import { userView } from './user-view.ts'

export async function printLoginLink(
  io: Io,
  { args: [name = ''], flags }: Input<OutputFlags>,
): Promise<void> {
  const { client } = await connect(io, flags)
  const link = await client.call('createUserLoginLink', { params: { name } })
  await printObject(io, flags, link, {
    nameOf: () => userView.nameOf({ name }),
    describe: ({ url }) => [url],
  })
  if (flags.output !== undefined) return
  const lives = duration(Date.parse(link.expiresAt) - io.now())
  await noteLine(io, `Hand it to ${name}: it signs in once, within ${lives}.`)
}
