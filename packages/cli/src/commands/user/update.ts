import type { Role, UpdateUser } from '@porpulsion/contract'
import type { Input, Run } from '../../command.ts'
import { connect } from '../../connect.ts'
import { printObject, type OutputFlags } from '../../output/format.ts'
import { userView } from './user-view.ts'

const update =
  (changeOf: (input: Input<OutputFlags>) => UpdateUser): Run<OutputFlags> =>
  async (io, input) => {
    const { args, flags } = input
    const { client } = await connect(io, flags)
    const params = { name: args[0] ?? '' }
    const user = await client.call('updateUser', { params, body: changeOf(input) })
    await printObject(io, flags, user, userView)
  }

// The choices of the argument are the roles.
export const setRole = update(({ args: [, role] }) => ({ role: role as Role }))
export const disableUser = update(() => ({ disabled: true }))
export const enableUser = update(() => ({ disabled: false }))
export const removePassword = update(() => ({ password: null }))
