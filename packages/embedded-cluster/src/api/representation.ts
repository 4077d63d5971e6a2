/** In which form a client wants objects: whole, as rows of a table, or their metadata alone. */
import type { Stored } from '../registry/registry.ts'
import { groupVersion, type Resource, type ServedVersion } from '../registry/resource.ts'

export type Form = 'object' | 'table' | 'metadata'

const metaVersion = 'meta.k8s.io/v1'

/** From the first entry of an Accept header that can be served. */
export function negotiate(accept: string | undefined): Form {
  for (const entry of (accept ?? '').split(',')) {
    const parameters = new Map(
      entry
        .split(';')
        .slice(1)
        .map((parameter): [string, string] => {
          const [key = '', value = ''] = parameter.trim().split('=')
          return [key, value]
        }),
    )
    if (!isJson(entry)) continue
    const as = parameters.get('as')
    if (as === undefined) return 'object'
    if (parameters.get('g') !== 'meta.k8s.io' || parameters.get('v') !== 'v1') continue
    if (as === 'Table') return 'table'
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return 'metadata'
  }
  return 'object'
}

function isJson(entry: string): boolean {
  const type = entry.split(';')[0]?.trim() ?? ''
  return type === 'application/json' || type === '*/*' || type === 'application/*' || type === ''
}

export interface ListMeta {
  readonly resourceVersion: string
  readonly continue?: string
  readonly remainingItemCount?: number
}

export type IncludeObject = 'None' | 'Metadata' | 'Object'

export interface Presenter {
  readonly resource: Resource
  readonly served: ServedVersion
  readonly form: Form
  readonly includeObject: IncludeObject
  readonly nowMs: number
}

/** One object in the wanted form, as JSON text. */
export function presentObject(object: Stored, presenter: Presenter, withColumns = true): string {
  switch (presenter.form) {
    case 'object':
      return JSON.stringify(object)
    case 'metadata':
      return JSON.stringify(partial(object))
    case 'table': {
      const { resourceVersion } = object.metadata
      return JSON.stringify(table([object], { resourceVersion }, presenter, withColumns))
    }
    default:
      return presenter.form satisfies never
  }
}

export function presentList(
  objects: readonly Stored[],
  meta: ListMeta,
  presenter: Presenter,
): string {
  const { resource, served, form } = presenter
  if (form === 'table') return JSON.stringify(table(objects, meta, presenter, true))
  const isPartial = form === 'metadata'
  const kind = isPartial ? 'PartialObjectMetadataList' : resource.listKind
  const apiVersion = isPartial ? metaVersion : groupVersion(resource, served.name)
  const items = objects.map((object) => JSON.stringify(isPartial ? partial(object) : object))
  const head = JSON.stringify({ kind, apiVersion, metadata: meta })
  return `${head.slice(0, -1)},"items":[${items.join(',')}]}`
}

function partial(object: Stored): object {
  return { kind: 'PartialObjectMetadata', apiVersion: metaVersion, metadata: object.metadata }
}

function table(
  objects: readonly Stored[],
  meta: ListMeta,
  presenter: Presenter,
  withColumns: boolean,
): object {
  const { columns } = presenter.served
  return {
    kind: 'Table',
    apiVersion: metaVersion,
    metadata: meta,
    columnDefinitions: withColumns ? columns.definitions : null,
    rows: objects.map((object) => ({
      cells: columns.cells(object, presenter.nowMs),
      ...rowObject(object, presenter.includeObject),
    })),
  }
}

function rowObject(object: Stored, include: IncludeObject): { object?: object } {
  switch (include) {
    case 'None':
      return {}
    case 'Metadata':
      return { object: partial(object) }
    case 'Object':
      return { object }
    default:
      return include satisfies never
  }
}
