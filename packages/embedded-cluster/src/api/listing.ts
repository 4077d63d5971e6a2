/** Lists, whole or page by page. */
import { ApiError } from '../registry/api-error.ts'
import type { LocalRegistry } from '../registry/local-registry.ts'
import type { Kind, Stored } from '../registry/registry.ts'
import { randomUUID } from 'node:crypto'
import type { ListMeta } from './representation.ts'
import type { Selector } from './selectors.ts'

/** Paged lists that are under way at one time; the oldest gives way, and its client starts over. */
const maxOpenLists = 64

export interface ListQuery {
  readonly namespace: string | undefined
  readonly select: Selector
  readonly limit: number | undefined
  readonly continueToken: string | undefined
}

export interface Page {
  readonly meta: ListMeta
  readonly items: readonly Stored[]
}

interface OpenList {
  readonly resourceVersion: string
  readonly items: readonly Stored[]
}

/**
 * A paged list is one consistent state: the first page fixes it. That costs references only, as objects are never
 * changed in place.
 */
export class Lister {
  readonly #registry: LocalRegistry
  readonly #open = new Map<string, OpenList>()

  constructor(registry: LocalRegistry) {
    this.#registry = registry
  }

  list(kind: Kind, query: ListQuery): Page {
    const { limit, continueToken } = query
    if (continueToken !== undefined) return this.#next(continueToken, limit)
    const { resourceVersion, items } = this.#registry.list(
      kind,
      query.namespace === undefined ? {} : { namespace: query.namespace },
    )
    const selected = items.filter(query.select).sort(byName)
    if (limit === undefined || selected.length <= limit) {
      return { meta: { resourceVersion }, items: selected }
    }
    const id = randomUUID()
    this.#open.set(id, { resourceVersion, items: selected })
    this.#dropOldest()
    return this.#page(id, 0, limit)
  }

  #next(token: string, limit: number | undefined): Page {
    const [id = '', offset = ''] = Buffer.from(token, 'base64url').toString('utf8').split(':')
    const from = Number(offset)
    if (!this.#open.has(id) || !Number.isSafeInteger(from) || from < 0) {
      throw new ApiError(
        'Expired',
        'The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.',
      )
    }
    return this.#page(id, from, limit)
  }

  #page(id: string, from: number, limit: number | undefined): Page {
    const list = this.#open.get(id)
    if (list === undefined) throw new Error(`No list ${id}`)
    const to = limit === undefined ? list.items.length : from + limit
    const remainingItemCount = Math.max(0, list.items.length - to)
    if (remainingItemCount === 0) this.#open.delete(id)
    return {
      items: list.items.slice(from, to),
      meta: {
        resourceVersion: list.resourceVersion,
        ...(remainingItemCount > 0 && { continue: token(id, to), remainingItemCount }),
      },
    }
  }

  #dropOldest(): void {
    const [oldest] = this.#open.keys()
    if (this.#open.size > maxOpenLists && oldest !== undefined) this.#open.delete(oldest)
  }
}

function token(id: string, offset: number): string {
  return Buffer.from(`${id}:${offset}`).toString('base64url')
}

function byName(a: Stored, b: Stored): number {
  const left = `${a.metadata.namespace ?? ''}/${a.metadata.name}`
  const right = `${b.metadata.namespace ?? ''}/${b.metadata.name}`
  return left < right ? -1 : left > right ? 1 : 0
}
