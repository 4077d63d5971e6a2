import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Input } from '../../../command.ts'
import { connect, namespaceQuery } from '../../../connect.ts'
import { readStdin } from '../../../input/stdin.ts'
import { keyValue, usageError } from '../../../input/values.ts'
import type { Io } from '../../../io.ts'
import type { WaitFlags } from '../../../wait/options.ts'
import { finish } from '../finish.ts'
import {
  parseChange,
  parseFile,
  parseMount,
  parseRemoval,
  patchOf,
  type FileChange,
} from './changes.ts'

interface Flags extends WaitFlags {
  readonly namespace?: string
  readonly fromFile?: readonly string[]
  readonly remove?: readonly string[]
  readonly mount?: readonly string[]
  readonly secret?: boolean
}

export async function setConfig(io: Io, { args, flags }: Input<Flags>): Promise<void> {
  const [id = '', ...words] = args
  const changes = [
    ...words.map(parseChange),
    ...(flags.remove ?? []).map((target) => parseRemoval(target)),
    ...(await filesOf(io, flags.fromFile ?? [])),
  ]
  const mounts = new Map((flags.mount ?? []).map(parseMount))
  if (changes.length === 0 && mounts.size === 0)
    throw usageError('Say what shall change: NAME/KEY=VALUE, NAME/KEY-, --from-file, --remove')
  const { client, context } = await connect(io, flags)
  const target = { params: { id }, query: namespaceQuery(flags, context) }
  const config = await client.call('getAppConfig', target)
  const body = patchOf(config, { changes, mounts, isSecret: flags.secret === true })
  await client.call('patchAppConfig', { ...target, body })
  const { wait, timeout } = flags
  const waiting = { ...(wait !== undefined && { wait }), ...(timeout !== undefined && { timeout }) }
  await finish(io, client, await client.call('getRemoteApp', target), waiting, 'has its new files')
}

async function filesOf(io: Io, texts: readonly string[]): Promise<FileChange[]> {
  const changes: FileChange[] = []
  for (const text of texts) {
    const [target, file] = keyValue('--from-file', text)
    changes.push({ ...parseFile(target, text), content: await contentOf(io, file) })
  }
  return changes
}

async function contentOf(io: Io, file: string): Promise<string | Uint8Array> {
  if (file === '-') return await readStdin(io)
  try {
    return await readFile(resolve(io.cwd, file))
  } catch (cause) {
    const reason =
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : String(cause)
    throw usageError(`--from-file: ${file} cannot be read: ${reason}`)
  }
}
