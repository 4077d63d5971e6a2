import { PorpulsionError } from '@porpulsion/contract'
import { stringify } from 'yaml'
import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import { noteLine, type Io } from '../../io.ts'
import { printObject, type OutputFlags } from '../../output/format.ts'
import { segments, valueAt } from './assignments.ts'

interface Flags extends OutputFlags {
  readonly document?: boolean
  readonly peer?: string
}

export async function getSettings(io: Io, { args: [path], flags }: Input<Flags>): Promise<void> {
  const { client } = await connect(io, flags)
  const view = await client.call('getSettings')
  const wanted = [
    ...(flags.peer === undefined ? [] : ['peers', flags.peer]),
    ...(path === undefined ? [] : segments(path)),
  ]
  const value = valueAt(flags.document === true ? view.document : view.effective, wanted)
  if (value === undefined && path !== undefined) throw unknownSetting(wanted.join('.'))
  await printSettings(io, flags, value ?? {})
  if (view.problem !== undefined) {
    await noteLine(
      io,
      `The stored document is invalid, so the last valid one is in force: ${view.problem}`,
    )
  }
}

/** For people too it is YAML: the document they would write. */
export function printSettings(io: Io, flags: OutputFlags, value: unknown): Promise<void> {
  return printObject(io, flags, value, {
    nameOf: () => 'settings',
    describe: (document) => stringify(document).trimEnd().split('\n'),
  })
}

const unknownSetting = (path: string): PorpulsionError =>
  new PorpulsionError('Invalid', 'SettingUnknown', `There is no setting "${path}"`)
