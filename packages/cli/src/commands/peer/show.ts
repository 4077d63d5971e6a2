import { isPorpulsionError, type Peer } from '@porpulsion/contract'
import type { Client } from '../../client/client.ts'
import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import { printLine, type Io } from '../../io.ts'
import { printObject, type OutputFlags } from '../../output/format.ts'
import { describeHistory, describeLink } from './describe-link.ts'
import { describePeer, nameOf } from './describe-peer.ts'

export async function showPeer(
  io: Io,
  { args: [name = ''], flags }: Input<OutputFlags>,
): Promise<void> {
  const { client } = await connect(io, flags)
  await printPeer(io, flags, await client.call('getPeer', { params: { name } }))
  if (flags.output !== undefined) return
  for (const line of await linkLines(client, name, io.now())) await printLine(io, line)
}

/** None of a peer that is not in force: it is shown, and has no link. */
async function linkLines(client: Client, name: string, nowMs: number): Promise<string[]> {
  try {
    const params = { name }
    const [link, history] = await Promise.all([
      client.call('getPeerLink', { params }),
      client.call('getPeerHistory', { params }),
    ])
    return ['', ...describeLink(link, nowMs), '', ...describeHistory(history, nowMs)]
  } catch (error) {
    if (isPorpulsionError(error) && error.kind === 'NotFound') return []
    throw error
  }
}

export function printPeer(io: Io, flags: OutputFlags, peer: Peer): Promise<void> {
  return printObject(io, flags, peer, {
    nameOf: (one) => `peer/${nameOf(one)}`,
    describe: (one) => describePeer(one, io.now()),
  })
}
