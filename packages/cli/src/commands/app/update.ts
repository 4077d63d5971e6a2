import type { RemoteApp } from '@porpulsion/contract'
import type { Client } from '../../client/client.ts'
import type { Input } from '../../command.ts'
import { connect, namespaceQuery } from '../../connect.ts'
import type { Context } from '../../config/contexts.ts'
import { usageError } from '../../input/values.ts'
import type { Io } from '../../io.ts'
import type { OutputFlags } from '../../output/format.ts'
import type { WaitFlags } from '../../wait/options.ts'
import { finish } from './finish.ts'
import { readManifests } from './manifests.ts'
import { specFields, type SpecFlags } from './spec-flags.ts'

interface Flags extends OutputFlags, WaitFlags, SpecFlags {
  readonly file?: string
  readonly namespace?: string
}

export async function updateApp(io: Io, { args: [id], flags, rest }: Input<Flags>): Promise<void> {
  // Checked without the app first: a wrong flag is told before anybody is asked anything.
  const { readinessPath, ...others } = flags
  const named = await specFields(io, others, rest)
  const { client, context } = await connect(io, flags)
  if (flags.file !== undefined) {
    await replaceApps(io, client, context, flags.file, flags)
    return
  }
  if (id === undefined) throw usageError('Name the app, or give manifests with -f FILE')
  if (Object.keys(named).length === 0 && readinessPath === undefined) {
    throw usageError('Say what shall change: --image, --env, --replicas, … or -f FILE')
  }
  await changeApp(io, client, context, id, flags, rest)
}

/** Every field that the file leaves out is removed. */
async function replaceApps(
  io: Io,
  client: Client,
  context: Context,
  file: string,
  flags: Flags,
): Promise<void> {
  for (const manifest of await readManifests(io, file)) {
    const { name, namespace = flags.namespace } = manifest.metadata
    const query = namespaceQuery(namespace === undefined ? {} : { namespace }, context)
    const updated = await client.call('updateRemoteApp', {
      params: { id: name },
      query,
      body: manifest,
    })
    await finish(io, client, updated, flags, 'is updated')
  }
}

async function changeApp(
  io: Io,
  client: Client,
  context: Context,
  id: string,
  flags: Flags,
  args: readonly string[],
): Promise<void> {
  const target = { params: { id }, query: namespaceQuery(flags, context) }
  const { spec: current } = await client.call('getRemoteApp', target)
  const spec = await specFields(io, flags, args, current)
  const updated: RemoteApp = await client.call('patchRemoteApp', {
    ...target,
    body: { spec },
  })
  await finish(io, client, updated, flags, 'is updated')
}
