import type { CreatedToken, Role } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import { durationSeconds } from '../../input/values.ts'
import { noteLine, type Io } from '../../io.ts'
import { printObject, type OutputFlags } from '../../output/format.ts'

interface Flags extends OutputFlags {
  readonly role?: Role
  readonly expires?: string
}

export async function createToken(
  io: Io,
  { args: [name = ''], flags }: Input<Flags>,
): Promise<void> {
  const { role = 'viewer', expires } = flags
  const expiresInSeconds = expires === undefined ? undefined : durationSeconds('--expires', expires)
  const { client } = await connect(io, flags)
  const token = await client.call('createToken', {
    body: { name, role, ...(expiresInSeconds !== undefined && { expiresInSeconds }) },
  })
  await printObject<CreatedToken>(io, flags, token, {
    nameOf: (created) => `token/${created.name}`,
    describe: (created) => [created.token],
  })
  if (flags.output === undefined)
    await noteLine(io, 'It is shown once; keep it where only its user reads.')
}
