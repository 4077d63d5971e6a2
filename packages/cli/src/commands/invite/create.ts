import type { CreatedInvite } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import { durationSeconds } from '../../input/values.ts'
import { noteLine, type Io } from '../../io.ts'
import { duration } from '../../output/age.ts'
import { printObject, type OutputFlags } from '../../output/format.ts'

interface Flags extends OutputFlags {
  readonly expires?: string
  readonly autoConfirm?: boolean
}

export async function createInvite(io: Io, { flags }: Input<Flags>): Promise<void> {
  const expiresInSeconds =
    flags.expires === undefined ? undefined : durationSeconds('--expires', flags.expires)
  const { client } = await connect(io, flags)
  const invite = await client.call('createInvite', {
    body: {
      ...(expiresInSeconds !== undefined && { expiresInSeconds }),
      ...(flags.autoConfirm === true && { autoConfirm: true }),
    },
  })
  await printObject<CreatedInvite>(io, flags, invite, {
    nameOf: ({ id }) => `invite/${id}`,
    describe: ({ bundle }) => [bundle],
  })
  if (flags.output === undefined) await explain(io, invite)
}

/** On stderr, so that `invite create | …` pipes the bundle alone. */
async function explain(io: Io, { expiresAt }: CreatedInvite): Promise<void> {
  const left = duration(Date.parse(expiresAt) - io.now())
  await noteLine(io, `\nThis works once, within ${left}. On the other cluster run`)
  await noteLine(io, '  porpulsion peer add')
  await noteLine(io, 'and paste it there. Treat it as a password: who has it can use it.')
}
