import { parseAs, SettingsDocument } from '@porpulsion/contract'
import type { Client } from '../../client/client.ts'
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
  if (flags.output === undefined) await noteInForce(io, client, view.revision)
  else await printSettings(io, flags, view.document)
}

/** What runs was admitted under other rules, and goes on; its owner should know. */
async function noteInForce(io: Io, client: Client, revision: string): Promise<void> {
  await noteLine(io, `The rules are in force (revision ${revision}).`)
  const { items } = await client.call('listViolations')
  if (items.length === 0) return
  const breaks =
    items.length === 1 ? '1 app that runs here breaks' : `${items.length} apps that run here break`
  await noteLine(io, `${breaks} them; "porpulsion settings violations" lists them.`)
}

async function readSettings(io: Io, file: string): Promise<SettingsDocument> {
  const [document, ...more] = await readDocuments(io, file)
  if (more.length > 0) throw usageError(`${file} holds several documents; the settings are one`)
  return parseAs(SettingsDocument, document)
}
