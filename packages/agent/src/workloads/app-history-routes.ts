import { PorpulsionError } from '@porpulsion/contract'
import type { ApiHandlers } from '../api/index.ts'
import { shownRevisions, type AppHistory } from './app-history.ts'
import type { AppHistoryController } from './app-history-controller.ts'
import type { StoredRemoteApp } from './kube-app-kinds.ts'
import { inCluster } from './kube-cluster-error.ts'
import type { KubeRemoteAppStore } from './kube-remote-app-store.ts'
import type { Directory } from './neighbours.ts'
import { assertSound, respecified } from './remote-app-changes.ts'
import { targetApp } from './remote-app-target.ts'
import { changedPaths } from './spec-differences.ts'

export interface AppHistoryRoutesDeps {
  readonly store: KubeRemoteAppStore
  readonly peers: Directory
  readonly histories: Pick<AppHistoryController, 'historyOf'>
}

export function appHistoryHandlers(
  deps: AppHistoryRoutesDeps,
): Pick<ApiHandlers, 'listRevisions' | 'rollbackRemoteApp'> {
  const { store, histories } = deps
  const historyOf = (app: StoredRemoteApp, signal: AbortSignal): Promise<AppHistory> =>
    inCluster(`the history of app "${app.metadata.name}"`, () => histories.historyOf(app, signal))

  return {
    listRevisions: async (request) => {
      const app = targetApp(store, request)
      return { items: shownRevisions(await historyOf(app, request.signal)) }
    },

    rollbackRemoteApp: async (request) => {
      const { body, caller, note, signal } = request
      const app = targetApp(store, request)
      const { spec } = revisionIn(await historyOf(app, signal), body.revision, app)
      note({ changes: changedPaths(app.spec, spec) })
      return await store.update(
        app,
        (current) => {
          // What was sound then need not be now: its peer may be gone.
          assertSound(deps, { ...current, spec })
          return respecified(current, spec)
        },
        { by: caller.name, signal },
      )
    },
  }
}

function revisionIn(
  history: AppHistory,
  wanted: number,
  { metadata }: StoredRemoteApp,
): AppHistory[number] {
  const found = history.find(({ revision }) => revision === wanted)
  if (found !== undefined) return found
  const known = history.map(({ revision }) => revision).join(', ')
  throw new PorpulsionError(
    'NotFound',
    'RevisionNotFound',
    `App "${metadata.name}" has no revision ${wanted}; those that are kept: ${known}`,
  )
}
