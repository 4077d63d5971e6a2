import { API_GROUP, API_VERSION, type ExecutingApp, type RemoteApp } from '@porpulsion/contract'
import { resourceKind, type Stored } from '@porpulsion/kube'

export const RemoteAppKind = resourceKind<RemoteApp>({
  group: API_GROUP,
  version: API_VERSION,
  plural: 'remoteapps',
  kind: 'RemoteApp',
  namespaced: true,
})
export type StoredRemoteApp = Stored<RemoteApp>

export const ExecutingAppKind = resourceKind<ExecutingApp>({
  group: API_GROUP,
  version: API_VERSION,
  plural: 'executingapps',
  kind: 'ExecutingApp',
  namespaced: true,
})
export type StoredExecutingApp = Stored<ExecutingApp>
