/**
 * The numbers that Kubernetes' protobuf encoding gives to the fields of built-in kinds, read from the tags of its
 * published Go types. Those sources are on no registry, so this is run by hand when `kubernetes-types` moves on:
 *
 *     npx tsx tools/gen/protobuf-fields.ts <checkout of k8s.io/api> <checkout of k8s.io/apimachinery>
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { builtinTypes } from '../../packages/embedded-cluster/src/registry/builtin-types.gen.ts'

const target = '../../packages/embedded-cluster/src/api/protobuf-fields.gen.ts'

interface GoField {
  readonly goType: string
  /** Undefined: embedded, its fields stand in the owner's JSON. */
  readonly jsonName: string | undefined
  readonly number: string
}

function main([apiDir, machineryDir]: readonly string[]): void {
  if (apiDir === undefined || machineryDir === undefined) {
    throw new Error('usage: protobuf-fields.ts <k8s.io/api> <k8s.io/apimachinery>')
  }
  const structs = new Map<string, readonly GoField[]>()
  const modules = new Set(Object.keys(builtinTypes).map((id) => id.split('.')[0] ?? ''))
  for (const module of modules) {
    const file =
      module === 'meta'
        ? join(machineryDir, 'pkg/apis/meta/v1/types.go')
        : join(apiDir, module, 'v1/types.go')
    if (existsSync(file)) readStructs(module, readFileSync(file, 'utf8'), structs)
  }
  const lines = new Map<string, string>()
  for (const [id, line] of Object.entries(builtinTypes))
    describe(id, new Set(fieldNames(line)), structs, lines)
  const entries = [...lines].sort(([a], [b]) => a.localeCompare(b))
  const text = [
    '// Made by tools/gen/protobuf-fields.ts. The notation is described in protobuf.ts.',
    'export const protobufFields: Readonly<Record<string, string>> = {',
    ...entries.map(([id, line]) => `  '${id}': '${line}',`),
    '}',
    '',
  ].join('\n')
  writeFileSync(fileURLToPath(new URL(target, import.meta.url)), text)
}

function fieldNames(line: string): string[] {
  return line.split(' ').map((field) => field.split(/[!:]/)[0] ?? '')
}

function readStructs(
  module: string,
  source: string,
  structs: Map<string, readonly GoField[]>,
): void {
  for (const [, name = '', body = ''] of source.matchAll(
    /^type (\w+) struct \{\n([\s\S]*?)^\}/gm,
  )) {
    structs.set(`${module}.${name}`, body.split('\n').flatMap(readField))
  }
}

function readField(line: string): GoField[] {
  const match = /^\s+(?:\w+\s+)?(\S+)\s+`json:"([^",]*)[^`]*?protobuf:"\w+,(\d+)/.exec(line)
  if (match === null) return []
  const [, goType = '', jsonName, number = ''] = match
  return [{ goType, jsonName: jsonName === '' ? undefined : jsonName, number }]
}

function describe(
  id: string,
  wanted: ReadonlySet<string>,
  structs: ReadonlyMap<string, readonly GoField[]>,
  lines: Map<string, string>,
): void {
  const fields = structs.get(id)
  if (fields === undefined) return
  const notations = fields.flatMap(({ goType, jsonName, number }) => {
    if (jsonName === undefined) {
      const embedded = `${id.split('.')[0] ?? ''}.${goType}`
      describe(embedded, wanted, structs, lines)
      return [`+${embedded}=${number}`]
    }
    return wanted.has(jsonName) ? [`${jsonName}=${number}${mark(goType)}`] : []
  })
  lines.set(id, notations.join(' '))
}

/** `*` set even if zero, `#` bytes, `%` a time with fractions. */
function mark(goType: string): string {
  if (goType.endsWith('MicroTime')) return '%'
  if (goType.endsWith('[]byte')) return '#'
  return goType.startsWith('*') ? '*' : ''
}

main(process.argv.slice(2))
