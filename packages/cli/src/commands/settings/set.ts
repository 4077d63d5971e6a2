import { parseAs, SettingsDocument } from '@porpulsion/contract'
import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import { readDocuments } from '../../input/manifests.ts'
import { usageError } from '../../input/values.ts'
import { noteLine, type Io } from '../../io.ts'
import type { OutputFlags } from '../../output/format.ts'
import { patchOf } from './assignments.ts'
import { printSettings } from './get.ts'

interface Flags extends OutputFlags {
  readonly peer?: string
  readonly file?: string
}

export async function setSettings(io: Io, { args, flags }: Input<Flags>): Promise<void> {
  if ((flags.file === undefined) === (args.length === 0)) {
    throw usageError('Give either PATH=VALUE assignments, or a whole document with -f FILE')
  }
  const document = flags.file === undefined ? undefined : await readSettings(io, flags.file)
  const patch = patchOf(args, flags.peer)
  const { client } = await connect(io, flags)
  const view =
    document === undefined
      ? await client.call('patchSettings', { body: patch })
      : await client.call('putSettings', { body: document })
  if (flags.output === undefined)
    await noteLine(io, `The rules are in force (revision ${view.revision}).`)
  else await printSettings(io, flags, view.document)
}

async function readSettings(io: Io, file: string): Promise<SettingsDocument> {
  const [document, ...more] = await readDocuments(io, file)
  if (more.length > 0) throw usageError(`${file} holds several documents; the settings are one`)
  return parseAs(SettingsDocument, document)
}
