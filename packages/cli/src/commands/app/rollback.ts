import { PorpulsionError, type AppRevision } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { connect, namespaceQuery } from '../../connect.ts'
import { integer } from '../../input/values.ts'
import type { Io } from '../../io.ts'
import type { OutputFlags } from '../../output/format.ts'
import type { WaitFlags } from '../../wait/options.ts'
import { finish } from './finish.ts'

interface Flags extends OutputFlags, WaitFlags {
  readonly namespace?: string
  readonly to?: string
}

export async function rollBackApp(io: Io, { args: [id = ''], flags }: Input<Flags>): Promise<void> {
  const wanted =
    flags.to === undefined
      ? undefined
      : integer('--to', flags.to, { min: 1, max: Number.MAX_SAFE_INTEGER })
  const { client, context } = await connect(io, flags)
  const target = { params: { id }, query: namespaceQuery(flags, context) }
  const revision = wanted ?? oneBefore(id, (await client.call('listRevisions', target)).items)
  const app = await client.call('rollbackRemoteApp', { ...target, body: { revision } })
  await finish(io, client, app, flags, `shall be as it was in revision ${revision}`)
}

/** The newest that is not what the app is now: going back to what is the same would look like a failure. */
function oneBefore(id: string, revisions: readonly AppRevision[]): number {
  const lastChange = revisions.findIndex(({ changed }) => changed.length > 0)
  const before = lastChange === -1 ? undefined : revisions[lastChange + 1]
  if (before !== undefined) return before.revision
  throw new PorpulsionError(
    'NotFound',
    'RevisionNotFound',
    `Nothing is kept of app "${id}" from before; there is nothing to go back to`,
  )
}
