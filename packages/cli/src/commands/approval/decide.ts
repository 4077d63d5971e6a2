import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import { noteLine, type Io } from '../../io.ts'
import { printObject, type OutputFlags } from '../../output/format.ts'
import { whatOf } from './list.ts'

interface Flags extends OutputFlags {
  readonly note?: string
}

export const approve = (io: Io, input: Input<Flags>): Promise<void> => decide(io, input, 'approve')
export const reject = (io: Io, input: Input<Flags>): Promise<void> => decide(io, input, 'reject')

async function decide(
  io: Io,
  { args: [id = ''], flags }: Input<Flags>,
  verdict: 'approve' | 'reject',
): Promise<void> {
  const { client } = await connect(io, flags)
  const body = flags.note === undefined ? {} : { note: flags.note }
  const decided = await client.call(verdict, { params: { id }, body })
  await noteLine(io, `${decided.state}: ${whatOf(decided)} of peer ${decided.peer}.`)
  if (flags.output !== undefined)
    await printObject(io, flags, decided, {
      nameOf: () => `approval/${decided.id}`,
      describe: () => [decided.id],
    })
}
