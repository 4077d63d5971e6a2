import type { NotedFacts } from '../api/index.ts'
import type { StoredRemoteApp } from './kube-app-kinds.ts'
import type { KubeRemoteAppStore } from './kube-remote-app-store.ts'

export interface AppRequest {
  readonly params: Readonly<Record<string, string>>
  readonly query: { readonly namespace?: string }
  readonly note: (facts: NotedFacts) => void
}

/** The app a request is for. The audit trail names it alike, whether it came as uid, bare name or `namespace,name`. */
export function targetApp(
  store: Pick<KubeRemoteAppStore, 'resolve'>,
  { params, query, note }: AppRequest,
): StoredRemoteApp {
  const app = store.resolve(params['id'] ?? '', query.namespace)
  note({ about: auditedAs(app.metadata) })
  return app
}

export const auditedAs = ({
  namespace = '',
  name,
}: {
  readonly namespace?: string
  readonly name: string
}): string => `remoteapp/${namespace},${name}`
