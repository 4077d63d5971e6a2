import { PorpulsionError, type AppConfig } from '@porpulsion/contract'
import type { ApiHandlers, Caller } from '../api/index.ts'
import { appConfigOf, touchedPaths, withConfigPatch } from './app-config.ts'
import type { StoredRemoteApp } from './kube-app-kinds.ts'
import type { KubeRemoteAppStore } from './kube-remote-app-store.ts'
import type { Directory } from './neighbours.ts'
import { assertSound, respecified } from './remote-app-changes.ts'
import { targetApp } from './remote-app-target.ts'

export interface AppConfigRoutesDeps {
  readonly store: KubeRemoteAppStore
  readonly peers: Directory
}

export function appConfigHandlers(
  deps: AppConfigRoutesDeps,
): Pick<ApiHandlers, 'getAppConfig' | 'patchAppConfig'> {
  const { store } = deps
  return {
    getAppConfig: async (request) => {
      const { query, caller } = request
      const { showSecrets = false } = query
      if (showSecrets) assertMaySeeSecrets(caller)
      const app = targetApp(store, request)
      return Promise.resolve(appConfigOf(app, { showSecrets }))
    },

    patchAppConfig: async (request): Promise<AppConfig> => {
      const { body, caller, note, signal } = request
      note({ changes: touchedPaths(body) })
      const written = await store.update(
        targetApp(store, request),
        (current) => {
          assertGeneration(current, body.generation)
          const spec = withConfigPatch(current.spec, body)
          assertSound(deps, { ...current, spec })
          return respecified(current, spec)
        },
        { by: caller.name, signal },
      )
      return appConfigOf(written, { showSecrets: false })
    },
  }
}

function assertMaySeeSecrets({ role }: Caller): void {
  if (role === 'viewer')
    throw new PorpulsionError(
      'Forbidden',
      'RoleTooLow',
      'Seeing the values of secrets takes the role operator; you are viewer',
    )
}

function assertGeneration({ metadata }: StoredRemoteApp, wanted: number | undefined): void {
  if (wanted !== undefined && wanted !== metadata.generation)
    throw new PorpulsionError(
      'Conflict',
      'AppChanged',
      `App "${metadata.name}" is at generation ${metadata.generation ?? 0} by now, not ${wanted}; read it again and repeat the change`,
    )
}
