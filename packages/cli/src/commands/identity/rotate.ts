import type { OwnIdentity } from '@porpulsion/contract'
import type { Client } from '../../client/client.ts'
import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import { askYesNo, isInteractive } from '../../input/prompt.ts'
import { durationSeconds, usageError } from '../../input/values.ts'
import type { Io } from '../../io.ts'
import type { OutputFlags } from '../../output/format.ts'
import type { WaitFlags } from '../../wait/options.ts'
import { waitFor, waitingOn, type Progress } from '../../wait/wait-for.ts'
import { stageLine } from './describe-identity.ts'
import { printIdentity } from './show.ts'

interface Flags extends OutputFlags, WaitFlags {
  readonly dryRun?: boolean
  readonly force?: boolean
  readonly cancel?: boolean
  readonly forgetFormer?: boolean
  readonly yes?: boolean
}

/** Peers that are away are waited for, and may be for a while. */
const defaultTimeoutSeconds = 3_600

export async function rotateIdentity(io: Io, { flags }: Input<Flags>): Promise<void> {
  const ways = [flags.dryRun, flags.force, flags.cancel, flags.forgetFormer]
  if (ways.filter((way) => way === true).length > 1)
    throw usageError('Give one of --dry-run, --force, --cancel and --forget-former')
  const { client } = await connect(io, flags)
  if (flags.yes !== true && flags.dryRun !== true && isInteractive(io)) await makeSure(io, flags)
  const identity = await request(client, flags)
  // A plan changes nothing: there is nothing to wait for, and it is what was asked for.
  const waits = flags.wait === true && flags.dryRun !== true
  if (waits) await waitUntilSettled(io, client, flags)
  await printIdentity(io, flags, waits ? await client.call('getIdentity') : identity)
}

function request(client: Client, { dryRun, force, cancel, forgetFormer }: Flags) {
  if (cancel === true) return client.call('cancelIdentityRotation')
  if (forgetFormer === true) return client.call('forgetFormerIdentity')
  return client.call('rotateIdentity', {
    body: { ...(dryRun === true && { dryRun }), ...(force === true && { force }) },
  })
}

async function makeSure(io: Io, { cancel, force, forgetFormer }: Flags): Promise<void> {
  if (cancel === true) return
  const question =
    forgetFormer === true
      ? 'Erase the former key? Peers that know no other CA of this agent are cut off until they have a new invite.'
      : force === true
        ? 'Use a new CA now? Open invites become void, and it cannot be taken back.'
        : 'Renew the CA of this agent? Open invites become void when it is used.'
  if (!(await askYesNo(io, question))) throw usageError('Nothing was changed')
}

async function waitUntilSettled(io: Io, client: Client, { timeout }: WaitFlags): Promise<void> {
  const seconds =
    timeout === undefined ? defaultTimeoutSeconds : durationSeconds('--timeout', timeout)
  await waitFor<OwnIdentity>(waitingOn(io), client, {
    subject: 'identity',
    read: () => client.call('getIdentity'),
    pick: (event) =>
      event.type === 'changed' && event.kind === 'Identity' ? 'read-again' : undefined,
    judge: progress,
    timeoutMs: seconds * 1_000,
  })
}

function progress(identity: OwnIdentity | undefined): Progress {
  if (identity === undefined) return { kind: 'waiting', message: 'nothing is known yet' }
  return identity.stage === 'Settled' && identity.peers.length === 0
    ? { kind: 'done', message: 'done' }
    : { kind: 'waiting', message: stageLine(identity) }
}
