import type { OwnIdentity } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import type { Io } from '../../io.ts'
import { printObject, type OutputFlags } from '../../output/format.ts'
import { describeIdentity } from './describe-identity.ts'

export async function showIdentity(io: Io, { flags }: Input<OutputFlags>): Promise<void> {
  const { client } = await connect(io, flags)
  await printIdentity(io, flags, await client.call('getIdentity'))
}

export async function printIdentity(
  io: Io,
  flags: OutputFlags,
  identity: OwnIdentity,
): Promise<void> {
  await printObject(io, flags, identity, {
    nameOf: ({ name }) => `identity/${name}`,
    describe: (one) => describeIdentity(one, io.now()),
  })
}
