import type { Peer } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import type { Io } from '../../io.ts'
import { printObject, type OutputFlags } from '../../output/format.ts'
import { describePeer, nameOf } from './describe-peer.ts'

export async function showPeer(
  io: Io,
  { args: [name = ''], flags }: Input<OutputFlags>,
): Promise<void> {
  const { client } = await connect(io, flags)
  await printPeer(io, flags, await client.call('getPeer', { params: { name } }))
}

export function printPeer(io: Io, flags: OutputFlags, peer: Peer): Promise<void> {
  return printObject(io, flags, peer, {
    nameOf: (one) => `peer/${nameOf(one)}`,
    describe: (one) => describePeer(one, io.now()),
  })
}
