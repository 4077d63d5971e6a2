import type { PeerRemoval, RemovePeerQuery } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import { askYesNo, isInteractive } from '../../input/prompt.ts'
import { usageError } from '../../input/values.ts'
import { noteLine, type Io } from '../../io.ts'
import { printObject, type OutputFlags } from '../../output/format.ts'

interface Flags extends OutputFlags, RemovePeerQuery {
  readonly yes?: boolean
}

export async function removePeer(
  io: Io,
  { args: [name = ''], flags }: Input<Flags>,
): Promise<void> {
  const { client } = await connect(io, flags)
  await client.call('getPeer', { params: { name } })
  if (flags.yes !== true && isInteractive(io)) await makeSure(io, name, flags)
  const removal = await client.call('removePeer', { params: { name }, query: choices(flags) })
  if (flags.output === undefined) await tell(io, removal)
  else await printObject(io, flags, removal, { nameOf: () => `peer/${name}`, describe: () => [] })
}

function choices({ executingApps, remoteApps }: Flags): RemovePeerQuery {
  return {
    ...(executingApps !== undefined && { executingApps }),
    ...(remoteApps !== undefined && { remoteApps }),
  }
}

async function makeSure(io: Io, name: string, { executingApps = 'delete' }: Flags): Promise<void> {
  const consequence =
    executingApps === 'delete' ? 'Its apps here are deleted.' : 'Its apps here keep running.'
  const question = `Remove "${name}"? ${consequence} It can return only with a new invite.`
  if (!(await askYesNo(io, question))) throw usageError(`"${name}" was not removed`)
}

async function tell(
  io: Io,
  { name, deletedExecutingApps, forgottenRemoteApps }: PeerRemoval,
): Promise<void> {
  await noteLine(
    io,
    `"${name}" is removed: ${deletedExecutingApps} of its apps deleted here, ${forgottenRemoteApps} of our records forgotten.`,
  )
}
