/** Which agents this user talks to: kubectl's contexts, with an agent's URL and a token in each. */
import { PorpulsionError } from '@porpulsion/contract'

export interface Context {
  readonly name: string
  /** Where the agent's page is: `http://127.0.0.1:8000`. */
  readonly url: string
  readonly token?: string
  /** Used where `-n` is not given. */
  readonly namespace?: string
}

export interface Contexts {
  readonly current?: string
  readonly contexts: readonly Context[]
}

export const noContexts: Contexts = { contexts: [] }

/** Adds it, or replaces the one of that name, and makes it current. */
export function withContext({ contexts }: Contexts, context: Context): Contexts {
  const others = contexts.filter(({ name }) => name !== context.name)
  return { current: context.name, contexts: [...others, context].toSorted(byName) }
}

export function usingContext(known: Contexts, name: string): Contexts {
  return { ...known, current: findContext(known, name).name }
}

export function findContext({ contexts, current }: Contexts, wanted: string | undefined): Context {
  const name = wanted ?? current
  if (name === undefined) {
    throw new PorpulsionError(
      'FailedPrecondition',
      'NoContext',
      'No agent is chosen; sign in with "porpulsion login URL", or choose one with "porpulsion context use NAME"',
    )
  }
  const found = contexts.find((context) => context.name === name)
  if (found !== undefined) return found
  const known = contexts.map((context) => context.name).join(', ')
  throw new PorpulsionError(
    'NotFound',
    'ContextNotFound',
    `There is no context "${name}"; ${known === '' ? 'there are none yet: "porpulsion login URL" makes one' : `there are: ${known}`}`,
  )
}

const byName = (a: Context, b: Context): number => (a.name < b.name ? -1 : 1)
