/** `app deploy --dry-run=peer`: everything the peer has to say, and nothing made. */
import { PorpulsionError, type AppCheck, type RemoteAppManifest } from '@porpulsion/contract'
import type { Client } from '../../client/client.ts'
import type { Io } from '../../io.ts'
import { printObject, type OutputFlags } from '../../output/format.ts'

/** Ends with an error when the peer would refuse one. */
export async function checkApps(
  io: Io,
  client: Client,
  manifests: readonly RemoteAppManifest[],
  flags: OutputFlags,
): Promise<void> {
  const refused: string[] = []
  for (const body of manifests) {
    const check = await client.call('createRemoteApp', { body, query: { dryRun: 'peer' } })
    if (check.kind !== 'AppCheck') throw new TypeError('A dry run made an app')
    await printObject(io, flags, check, {
      nameOf: ({ metadata }) => `appcheck/${metadata.name}`,
      describe,
    })
    if (check.status.verdict === 'Refused') refused.push(check.metadata.name)
  }
  if (refused.length > 0)
    throw new PorpulsionError(
      'FailedPrecondition',
      'AppRefused',
      `The peer would refuse ${refused.join(', ')}; nothing was made`,
    )
}

function describe({ metadata, spec, status }: AppCheck): string[] {
  const { verdict, objections, filledIn } = status
  const what = spec.isUpdate ? `the change of ${metadata.name}` : metadata.name
  const lines = [`${spec.targetPeer} ${words[verdict]} ${what}. Nothing was made.`]
  for (const { reason, message } of objections) lines.push(`  ${reason}: ${message}`)
  if (filledIn.length > 0) lines.push('It would fill in:')
  for (const { path, value, setting } of filledIn) lines.push(`  ${path}: ${value}  (${setting})`)
  return lines
}

const words = {
  Accepted: 'would run',
  ApprovalPending: 'would ask somebody to approve',
  Refused: 'would refuse',
} as const satisfies Record<AppCheck['status']['verdict'], string>
