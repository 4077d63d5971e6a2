import type { Notification } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import type { Io } from '../../io.ts'
import { age } from '../../output/age.ts'
import { printList, type ListView, type OutputFlags } from '../../output/format.ts'

interface Flags extends OutputFlags {
  readonly all?: boolean
}

export async function listNotifications(io: Io, { flags }: Input<Flags>): Promise<void> {
  const { client } = await connect(io, flags)
  const { items } = await client.call('listNotifications')
  const shown = flags.all === true ? items : items.filter(isOpen)
  await printList(io, flags, { items: shown }, view(io.now()))
}

export const isOpen = ({ acknowledgedAt }: Notification): boolean => acknowledgedAt === undefined

const view = (nowMs: number): ListView<Notification> => ({
  columns: [
    { title: 'ID', value: ({ id }) => id },
    { title: 'AGE', value: ({ time }) => age(time, nowMs) },
    { title: 'SEVERITY', value: ({ severity }) => severity },
    { title: 'REASON', value: ({ reason }) => reason },
    { title: 'ABOUT', value: aboutOf },
    { title: 'TIMES', value: ({ count }) => String(count), isWide: true },
    { title: 'SEEN', value: ({ acknowledgedAt = '' }) => acknowledgedAt, isWide: true },
    { title: 'MESSAGE', value: ({ message }) => message },
  ],
  nameOf: ({ id }) => `notification/${id}`,
  whenEmpty: 'Nothing needs your attention.',
})

const aboutOf = ({ about }: Notification): string =>
  about === undefined ? '' : `${about.kind.toLowerCase()}/${about.name}`
