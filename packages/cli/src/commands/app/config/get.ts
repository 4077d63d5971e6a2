import type { AppConfig } from '@porpulsion/contract'
import type { Input } from '../../../command.ts'
import { connect, namespaceQuery } from '../../../connect.ts'
import { usageError } from '../../../input/values.ts'
import type { Io } from '../../../io.ts'
import { printObject, type OutputFlags } from '../../../output/format.ts'
import { table } from '../../../output/table.ts'

interface Flags extends OutputFlags {
  readonly namespace?: string
  readonly showSecrets?: boolean
}

export async function getConfig(
  io: Io,
  { args: [id = '', file], flags }: Input<Flags>,
): Promise<void> {
  const { client, context } = await connect(io, flags)
  const showSecrets = flags.showSecrets === true
  const query = { ...namespaceQuery(flags, context), ...(showSecrets && { showSecrets }) }
  const config = await client.call('getAppConfig', { params: { id }, query })
  if (file === undefined) {
    await printObject(io, flags, config, {
      nameOf: ({ metadata }) => `remoteapp/${metadata.name}`,
      describe,
    })
    return
  }
  if (flags.output !== undefined) throw usageError('One file is printed as it is, without -o')
  io.stdout.write(contentOf(config, file))
}

interface Row {
  readonly file: string
  readonly kind: string
  readonly path: string
  readonly value: string
}

function describe(config: AppConfig): string[] {
  const rows = [...configMapRows(config), ...secretRows(config)]
  if (rows.length === 0) return [`${config.metadata.name} has no files.`]
  const columns = [
    { title: 'FILE', value: ({ file }: Row) => file },
    { title: 'KIND', value: ({ kind }: Row) => kind },
    { title: 'PATH', value: ({ path }: Row) => path },
    { title: 'VALUE', value: ({ value }: Row) => value },
  ]
  return table(columns, rows, { isWide: false })
}

const configMapRows = ({ configMaps }: AppConfig): Row[] =>
  configMaps.flatMap(({ name, mountPath, data = {} }) =>
    orEmpty(name, 'configMap', mountPath, Object.keys(data), (key) => shortened(data[key] ?? '')),
  )

const secretRows = ({ secrets }: AppConfig): Row[] =>
  secrets.flatMap(({ name, mountPath, keys, fromSecret, data, binaryData }) =>
    fromSecret === undefined
      ? orEmpty(name, 'secret', mountPath, keys, (key) =>
          secretValue(data?.[key], binaryData?.[key]),
        )
      : [
          {
            file: `${name}/…`,
            kind: 'secret',
            path: mountPath,
            value: `(from Secret ${fromSecret})`,
          },
        ],
  )

function secretValue(text: string | undefined, base64: string | undefined): string {
  if (base64 !== undefined) return `(binary, ${Buffer.from(base64, 'base64').length} bytes)`
  return text === undefined ? '(hidden)' : shortened(text)
}

function orEmpty(
  name: string,
  kind: string,
  mountPath: string,
  keys: readonly string[],
  valueOf: (key: string) => string,
): Row[] {
  if (keys.length === 0) return [{ file: `${name}/`, kind, path: mountPath, value: '(no files)' }]
  return keys.map((key) => ({
    file: `${name}/${key}`,
    kind,
    path: `${mountPath.replace(/\/$/, '')}/${key}`,
    value: valueOf(key),
  }))
}

const MAX_SHOWN = 60

function shortened(text: string): string {
  const [line = ''] = text.split('\n')
  const isAll = line.length <= MAX_SHOWN && (line === text || `${line}\n` === text)
  return isAll ? line : `${line.slice(0, MAX_SHOWN)}… (${Buffer.byteLength(text)} bytes)`
}

function contentOf({ configMaps, secrets }: AppConfig, file: string): string | Buffer {
  const at = file.indexOf('/')
  const [name, key] = [file.slice(0, Math.max(at, 0)), file.slice(at + 1)]
  const text = configMaps.find((one) => one.name === name)?.data?.[key]
  if (text !== undefined) return text
  const secret = secrets.find((one) => one.name === name)
  if (secret?.fromSecret !== undefined)
    throw usageError(`The files of ${name} come from Secret "${secret.fromSecret}"; read that`)
  const plain = secret?.data?.[key]
  if (plain !== undefined) return plain
  const binary = secret?.binaryData?.[key]
  if (binary !== undefined) return Buffer.from(binary, 'base64')
  if (secret?.keys.includes(key) === true)
    throw usageError(`${file} is of a secret; print it with --show-secrets`)
  throw usageError(`The app has no file ${file}; leave it out to list those it has`)
}
