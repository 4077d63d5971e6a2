/** A file of somebody's, read for the app in it: our own kind, or a Deployment of Kubernetes, alone or among others. */
import { GROUP_VERSION } from '@porpulsion/contract'
import { isMap } from 'yaml'
import { maxAliasCount, parseYamlDocuments, toYaml } from '../../api/manifest-yaml.ts'
import { convertDeployment } from './convert-deployment.ts'
import { isRecord, valueAt } from './field-path.ts'

export type Imported =
  | {
      readonly ok: true
      readonly text: string
      /** What of the file is not in it, and why; one sentence each. */
      readonly leftOut: readonly string[]
    }
  | { readonly ok: false; readonly problem: string }

/** Files larger than this are none of ours; a browser would stand still over them. */
export const maxImportBytes = 1024 * 1024

/** The first app in it. */
export function importManifests(text: string): Imported {
  const documents = parseYamlDocuments(text)
  const [broken] = documents.flatMap(({ errors }) => errors)
  if (broken !== undefined) return { ok: false, problem: broken.message }
  const all = documents.flatMap((document) => {
    const value: unknown = document.toJS({ maxAliasCount })
    // After a last line that parts documents comes nothing.
    if (value === null || value === undefined) return []
    const items = valueAt(value, ['kind']) === 'List' ? valueAt(value, ['items']) : undefined
    // A list keeps no comments of its items' own; who writes one does not write it by hand.
    return Array.isArray(items)
      ? items.map((item: unknown) => ({ value: item, text: toYaml(item) }))
      : [{ value, text: clean(document) }]
  })
  const own = all.find(({ value }) => isApp(value))
  const chosen = own ?? all.find(({ value }) => valueAt(value, ['kind']) === 'Deployment')
  if (chosen === undefined)
    return {
      ok: false,
      problem: `There is no RemoteApp and no Deployment in it${named(all.map(({ value }) => value))}.`,
    }
  const others = all
    .filter((one) => one !== chosen)
    .map(({ value }) => `${nameOf(value)} is left out.`)
  if (own !== undefined) return { ok: true, text: own.text, leftOut: others }
  const { manifest, leftOut } = convertDeployment(chosen.value)
  return { ok: true, text: toYaml(manifest), leftOut: [...leftOut, ...others] }
}

/** Is it for `importManifests` rather than for the editor? */
export function needsImport(text: string): boolean {
  if (/^---\s*$/m.test(text.trimStart().slice(3))) return true
  const kind = /^kind:\s*(\w+)\s*$/m.exec(text)?.[1]
  return kind === 'Deployment' || kind === 'List'
}

function isApp(value: unknown): boolean {
  if (!isRecord(value)) return false
  const { apiVersion = GROUP_VERSION, kind } = value
  // Whoever leaves both out means one of ours, as the API takes it.
  return (
    apiVersion === GROUP_VERSION &&
    (kind === 'RemoteApp' || (kind === undefined && 'spec' in value))
  )
}

/** What the server writes goes: it says nothing about the app. */
function clean(document: ReturnType<typeof parseYamlDocuments>[number]): string {
  const { contents } = document
  if (!isMap(contents)) return document.toString({ lineWidth: 0 })
  document.delete('status')
  for (const path of serverFields.map((name) => ['metadata', name]))
    if (document.hasIn(path)) document.deleteIn(path)
  if (document.hasIn(lastApplied)) document.deleteIn(lastApplied)
  // Without the line that parts documents.
  return document.toString({ lineWidth: 0, directives: false })
}

const lastApplied = ['metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration']

const serverFields = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
  'finalizers',
  'selfLink',
]

function nameOf(value: unknown): string {
  const name = valueAt(value, ['metadata', 'name'])
  const kind = valueAt(value, ['kind'])
  return `${typeof kind === 'string' ? kind : 'Something without a kind'}${typeof name === 'string' ? ` ${name}` : ''}`
}

const named = (values: readonly unknown[]): string =>
  values.length === 0 ? '' : `: ${values.map(nameOf).join(', ')}`
