import { createdApp, parseAs, RemoteAppManifest } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { connect, namespaceQuery } from '../../connect.ts'
import type { Context } from '../../config/contexts.ts'
import { usageError } from '../../input/values.ts'
import type { Io } from '../../io.ts'
import type { OutputFlags } from '../../output/format.ts'
import type { WaitFlags } from '../../wait/options.ts'
import { checkApps } from './check-apps.ts'
import { finish } from './finish.ts'
import { readManifests } from './manifests.ts'
import { specFields, type SpecFlags } from './spec-flags.ts'

interface Flags extends OutputFlags, WaitFlags, SpecFlags {
  readonly peer?: string
  readonly file?: string
  readonly namespace?: string
  readonly dryRun?: 'peer'
}

export async function deployApp(
  io: Io,
  { args: [name], flags, rest }: Input<Flags>,
): Promise<void> {
  const manifests = await complete(io, name, flags, rest)
  const { client, context } = await connect(io, flags)
  if (flags.dryRun === 'peer') {
    const bodies = manifests.map((manifest) => inNamespace(manifest, flags, context))
    await checkApps(io, client, bodies, flags)
    return
  }
  for (const manifest of manifests) {
    const body = inNamespace(manifest, flags, context)
    const created = createdApp(await client.call('createRemoteApp', { body }))
    await finish(io, client, created, flags, `is deployed to ${created.spec.targetPeer}`)
  }
}

/** Everything is read and checked before the first app is made. */
async function complete(
  io: Io,
  name: string | undefined,
  flags: Flags,
  args: readonly string[],
): Promise<RemoteAppManifest[]> {
  const fields = await specFields(io, flags, args)
  if (flags.file === undefined) return [fromFlags(name, flags, fields)]
  const manifests = await readManifests(io, flags.file)
  const chosen =
    name === undefined ? manifests : manifests.filter((one) => one.metadata.name === name)
  if (chosen.length === 0) throw usageError(`${flags.file} holds no app "${name ?? ''}"`)
  const peer = flags.peer === undefined ? {} : { targetPeer: flags.peer }
  // Flags win over the file: `-f base.yaml --replicas 3 --peer c`.
  return chosen.map((one) => ({ ...one, spec: { ...one.spec, ...fields, ...peer } }))
}

function fromFlags(
  name: string | undefined,
  { peer, image }: Flags,
  fields: object,
): RemoteAppManifest {
  if (name === undefined) throw usageError('Name the app, or give a manifest with -f FILE')
  if (peer === undefined)
    throw usageError('Say where it shall run: --peer NAME ("porpulsion peer list" shows them)')
  if (image === undefined) throw usageError('Say what shall run: --image IMAGE')
  return parseAs(RemoteAppManifest, { metadata: { name }, spec: { targetPeer: peer, ...fields } })
}

function inNamespace(
  manifest: RemoteAppManifest,
  flags: Flags,
  context: Context,
): RemoteAppManifest {
  const { metadata } = manifest
  if (metadata.namespace !== undefined && flags.namespace === undefined) return manifest
  return { ...manifest, metadata: { ...metadata, ...namespaceQuery(flags, context) } }
}
