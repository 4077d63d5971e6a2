/** The part of the address that says what a list of apps shows. */
import { appPhases, type AppPhase } from '@porpulsion/contract'
import type { Sort } from '../../ui/table-rows.ts'
import type { AppFilter } from './filter-apps.ts'

export interface ListSearch {
  readonly view?: 'submitted' | 'executing'
  readonly group?: 'peer'
  readonly q?: string
  readonly peer?: string
  readonly phase?: string
  readonly sort?: string
  /** What lies open beside the list, as "namespace,name", and what of it is looked at. */
  readonly app?: string
  readonly tab?: string
  readonly pod?: string
}

export const filterOf = ({ q = '', peer, phase }: ListSearch): AppFilter => ({
  text: q,
  peers: listed(peer),
  phases: listed(phase).filter(isPhase),
})

export const isNarrowed = ({ text, phases, peers }: AppFilter): boolean =>
  text !== '' || phases.length > 0 || peers.length > 0

/** `-created`: newest first. */
export function sortOf({ sort }: ListSearch): Sort | undefined {
  if (sort === undefined) return undefined
  return sort.startsWith('-')
    ? { by: sort.slice(1), descending: true }
    : { by: sort, descending: false }
}

export const sortText = ({ by, descending }: Sort): string => (descending ? `-${by}` : by)

/** Chosen or no longer chosen; the last one that goes takes the parameter with it. */
export function toggled(chosen: readonly string[], value: string): string | undefined {
  const next = chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]
  return next.length === 0 ? undefined : next.join(',')
}

const listed = (text = ''): string[] => text.split(',').filter(Boolean)
const isPhase = (text: string): text is AppPhase => appPhases.some((phase) => phase === text)
