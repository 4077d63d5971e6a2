/** The last specs of one app, oldest first: what is kept, what is told apart, and how it is shown. */
import { maxAppRevisions, type AppRevision, type RemoteAppSpec } from '@porpulsion/contract'
import { isSameContent } from './canonical-json.ts'
import { specWithoutSecretValues } from './hidden-secrets.ts'
import { changedPaths } from './spec-differences.ts'

export interface Revision {
  readonly revision: number
  readonly time: string
  readonly by?: string
  /** With the values of its secrets: going back to it brings them back. */
  readonly spec: RemoteAppSpec
}

export type AppHistory = readonly Revision[]

/** A spec that was seen on the app. */
export type SeenSpec = Omit<Revision, 'revision'>

/** The same history when the spec is the newest already. */
export function withSpec(history: AppHistory, seen: SeenSpec): AppHistory {
  const last = history.at(-1)
  if (last !== undefined && isSameContent(last.spec, seen.spec)) return history
  const next: Revision = { ...seen, revision: (last?.revision ?? 0) + 1 }
  const kept = isScalingOnly(history, seen) ? history.slice(0, -1) : history
  return [...kept, next].slice(-maxAppRevisions)
}

/** Whoever scales an app up and down all day would push what it was before out of its history. */
function isScalingOnly(history: AppHistory, { spec }: SeenSpec): boolean {
  const [before, last] = [history.at(-2), history.at(-1)]
  return (
    before !== undefined &&
    last !== undefined &&
    isSameButReplicas(before.spec, last.spec) &&
    isSameButReplicas(last.spec, spec)
  )
}

const isSameButReplicas = (a: RemoteAppSpec, b: RemoteAppSpec): boolean =>
  isSameContent({ ...a, replicas: 0 }, { ...b, replicas: 0 })

/** Newest first, for people; whoever they are, without the values of secrets. */
export function shownRevisions(history: AppHistory): AppRevision[] {
  return history
    .map(({ spec, ...revision }, at) => {
      const before = history[at - 1]
      return {
        ...revision,
        isCurrent: at === history.length - 1,
        changed: before === undefined ? [] : changedPaths(before.spec, spec),
        spec: specWithoutSecretValues(spec),
      }
    })
    .reverse()
}
