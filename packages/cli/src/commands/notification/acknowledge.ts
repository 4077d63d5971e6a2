import type { GlobalFlags, Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import { usageError } from '../../input/values.ts'
import { noteLine, type Io } from '../../io.ts'
import { isOpen } from './list.ts'

interface Flags extends GlobalFlags {
  readonly all?: boolean
}

export async function acknowledgeNotifications(
  io: Io,
  { args, flags }: Input<Flags>,
): Promise<void> {
  const isAll = flags.all === true
  if (isAll === args.length > 0) throw usageError('Name the notifications, or give --all')
  const { client } = await connect(io, flags)
  const ids = isAll
    ? (await client.call('listNotifications')).items.filter(isOpen).map(({ id }) => id)
    : args
  for (const id of ids) await client.call('acknowledgeNotification', { params: { id } })
  await noteLine(io, `${ids.length} ${ids.length === 1 ? 'is' : 'are'} marked as seen.`)
}
