import type { ApprovalDetail, Difference } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import type { Io } from '../../io.ts'
import { age } from '../../output/age.ts'
import { printObject, type OutputFlags } from '../../output/format.ts'
import { whatOf } from './list.ts'

export async function showApproval(
  io: Io,
  { args: [id = ''], flags }: Input<OutputFlags>,
): Promise<void> {
  const { client } = await connect(io, flags)
  const approval = await client.call('getApproval', { params: { id } })
  await printObject(io, flags, approval, {
    nameOf: () => `approval/${approval.id}`,
    describe: (detail) => describe(detail, io.now()),
  })
}

function describe(approval: ApprovalDetail, nowMs: number): string[] {
  const { peer, state, since, by, note, app, differences, expiresAt } = approval
  return [
    `${whatOf(approval)} of peer ${peer} (there ${app.namespace}/${app.name})`,
    `${state}${by === undefined ? '' : ` by ${by}`}, asked ${age(since, nowMs)} ago`,
    ...(note === undefined ? [] : [`Note: ${note}`]),
    ...(expiresAt === undefined ? [] : [`Until: ${expiresAt}`]),
    ...(differences.length === 0 ? [] : ['', ...differences.flatMap(lines)]),
  ]
}

/** As a diff: what goes, then what comes. */
function lines({ path, before, after }: Difference): string[] {
  return [
    ...(before === undefined ? [] : [`- ${path}: ${before}`]),
    ...(after === undefined ? [] : [`+ ${path}: ${after}`]),
  ]
}
