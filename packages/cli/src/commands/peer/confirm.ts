import type { Peer } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import { askYesNo, isInteractive } from '../../input/prompt.ts'
import { usageError } from '../../input/values.ts'
import { noteLine, type Io } from '../../io.ts'
import type { OutputFlags } from '../../output/format.ts'
import { plain } from '../../output/table.ts'
import type { WaitFlags } from '../../wait/options.ts'
import { waitingOn } from '../../wait/wait-for.ts'
import { fingerprintOf } from './describe-peer.ts'
import { peerWithWords } from './peer-with-words.ts'
import { printPeer } from './show.ts'
import { waitUntilLinked } from './wait-until-linked.ts'

interface Flags extends OutputFlags, WaitFlags {
  readonly fingerprint?: string
  readonly yes?: boolean
}

export async function confirmPeer(
  io: Io,
  { args: [name = ''], flags }: Input<Flags>,
): Promise<void> {
  const { client } = await connect(io, flags)
  await client.call('getPeer', { params: { name } })
  const known = await peerWithWords(waitingOn(io), client, name)
  if (flags.fingerprint === undefined) await makeSure(io, known, flags)
  const fingerprint = flags.fingerprint?.replace(/[\s:]/g, '').toLowerCase() ?? fingerprintOf(known)
  const confirmed = await client.call('confirmPeer', { params: { name }, body: { fingerprint } })
  await noteLine(io, `"${name}" is confirmed here.`)
  if (flags.wait === true) await waitUntilLinked(waitingOn(io), client, name, flags)
  if (flags.output !== undefined) await printPeer(io, flags, confirmed)
}

async function makeSure(io: Io, peer: Peer, { yes }: Flags): Promise<void> {
  const words = peer.status?.words
  if (words !== undefined)
    await noteLine(io, `The words, the same on both sides:\n\n    ${plain(words)}\n`)
  if (yes === true) return
  if (!isInteractive(io))
    throw usageError('Nobody is here to compare the words: give --fingerprint HEX, or --yes')
  if (!(await askYesNo(io, 'Did the other side read out the same words?'))) {
    throw usageError(
      'Not confirmed. If the words differ, remove the peer: somebody may be in between',
    )
  }
}
