import type { RemoteApp } from '@porpulsion/contract'
import type { Client } from '../../client/client.ts'
import type { Input } from '../../command.ts'
import { connect, namespaceQuery } from '../../connect.ts'
import { noteLine, type Io } from '../../io.ts'
import type { OutputFlags } from '../../output/format.ts'
import type { WaitFlags } from '../../wait/options.ts'
import { waitingOn } from '../../wait/wait-for.ts'
import { printApp } from './describe-app.ts'
import { waitUntilDeleted } from './wait-until-ready.ts'

interface Flags extends OutputFlags, WaitFlags {
  readonly namespace?: string
  readonly force?: boolean
}

export async function deleteApps(io: Io, { args, flags }: Input<Flags>): Promise<void> {
  const { client, context } = await connect(io, flags)
  const query = {
    ...namespaceQuery(flags, context),
    ...(flags.force === true && { force: true }),
  }
  for (const id of args) {
    const deleting = await client.call('deleteRemoteApp', { params: { id }, query })
    await tell(io, client, deleting, flags)
  }
}

async function tell(io: Io, client: Client, deleting: RemoteApp, flags: Flags): Promise<void> {
  const { name } = deleting.metadata
  await noteLine(io, `${name} is being deleted, here and at ${deleting.spec.targetPeer}.`)
  if (flags.wait === true) await waitUntilDeleted(waitingOn(io), client, deleting, flags)
  if (flags.output !== undefined) await printApp(io, flags, deleting)
}
