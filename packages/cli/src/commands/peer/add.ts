import { decodeInviteBundle, type InviteBundle, type Peer } from '@porpulsion/contract'
import type { Client } from '../../client/client.ts'
import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import { askSecret, askYesNo, isInteractive } from '../../input/prompt.ts'
import { readStdin } from '../../input/stdin.ts'
import { usageError } from '../../input/values.ts'
import { noteLine, type Io } from '../../io.ts'
import type { OutputFlags } from '../../output/format.ts'
import { plain } from '../../output/table.ts'
import type { WaitFlags } from '../../wait/options.ts'
import { waitingOn } from '../../wait/wait-for.ts'
import { fingerprintOf, nameOf } from './describe-peer.ts'
import { peerWithWords } from './peer-with-words.ts'
import { printPeer } from './show.ts'
import { waitUntilLinked } from './wait-until-linked.ts'

interface Flags extends OutputFlags, WaitFlags {
  readonly as?: string
  readonly yes?: boolean
}

export async function addPeer(io: Io, { args: [source], flags }: Input<Flags>): Promise<void> {
  const bundle = await readBundle(io, source)
  const invite = decodeInviteBundle(bundle)
  const { client } = await connect(io, flags)
  await noteLine(io, `Redeeming the invite of "${invite.name}" at ${invite.url} …`)
  const added = await client.call('addPeer', {
    body: { bundle, ...(flags.as !== undefined && { as: flags.as }) },
  })
  const known = await peerWithWords(waitingOn(io), client, nameOf(added))
  await showWords(io, invite, known)
  const isConfirmed = await confirmNow(io, client, known, flags)
  if (flags.wait === true && isConfirmed)
    await waitUntilLinked(waitingOn(io), client, nameOf(added), flags)
  const peer = await client.call('getPeer', { params: { name: nameOf(added) } })
  if (flags.output !== undefined) await printPeer(io, flags, peer)
}

/** Never as an argument: that would stay in the shell's history and show in the process list. */
async function readBundle(io: Io, source: string | undefined): Promise<string> {
  if (source !== undefined && source !== '-') {
    throw usageError(
      'An invite is a secret and does not belong on the command line: run "porpulsion peer add" and paste it, or pipe it into "porpulsion peer add -"',
    )
  }
  if (source === '-' || !isInteractive(io)) return (await readStdin(io)).trim()
  return (await askSecret(io, 'Paste the invite (it starts with porp1.)')).trim()
}

async function showWords(io: Io, invite: InviteBundle, peer: Peer): Promise<void> {
  await noteLine(io, `"${invite.name}" is now known here as "${nameOf(peer)}".`)
  const words = plain(peer.status?.words ?? '')
  await noteLine(io, `Both sides must see the same six words:\n\n    ${words}\n`)
}

async function confirmNow(io: Io, client: Client, peer: Peer, { yes }: Flags): Promise<boolean> {
  if (peer.spec.confirmed === true) return true
  const name = nameOf(peer)
  const isSure =
    yes === true ||
    (isInteractive(io) && (await askYesNo(io, 'Did the other side read out the same words?')))
  if (!isSure) {
    await noteLine(io, `When they are the same, run on both sides: porpulsion peer confirm ${name}`)
    return false
  }
  // With the fingerprint: what is confirmed is what was shown, not whoever has that name by now.
  await client.call('confirmPeer', { params: { name }, body: { fingerprint: fingerprintOf(peer) } })
  await noteLine(io, `Confirmed here. The other side confirms with: porpulsion peer confirm NAME`)
  return true
}
