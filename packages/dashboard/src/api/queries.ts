/** What the page reads. Lists are filled once and then kept by the event stream. */
import { endpoints, type RemoteApp } from '@porpulsion/contract'
import { queryOptions } from '@tanstack/react-query'
import { call } from './client.ts'

export const keys = {
  session: ['session'],
  status: ['status'],
  identity: ['identity'],
  peers: ['peers'],
  invites: ['invites'],
  remoteApps: ['remoteapps'],
  executingApps: ['executingapps'],
  notifications: ['notifications'],
  approvals: ['approvals'],
  /** One in full, with its id. Not part of `approvals`: an id stands for one content, whatever the list does. */
  approval: ['approval'],
  violations: ['violations'],
  settings: ['settings'],
  users: ['users'],
  tokens: ['tokens'],
  sessions: ['sessions'],
  audit: ['audit'],
  usage: ['usage'],
  /** What the links carry right now; only ever told by the event stream. */
  links: ['links'],
  linkTrails: ['linktrails'],
  /** With a peer's name. */
  peer: ['peer'],
  /** With an app's id: what is read for one app alone. */
  app: ['app'],
} as const

export const sessionQuery = queryOptions({
  queryKey: keys.session,
  queryFn: ({ signal }) => call(endpoints.getSession, { signal }),
})
export const statusQuery = queryOptions({
  queryKey: keys.status,
  queryFn: ({ signal }) => call(endpoints.getStatus, { signal }),
})
export const identityQuery = queryOptions({
  queryKey: keys.identity,
  queryFn: ({ signal }) => call(endpoints.getIdentity, { signal }),
})
export const peersQuery = queryOptions({
  queryKey: keys.peers,
  queryFn: ({ signal }) => call(endpoints.listPeers, { signal }),
})
export const invitesQuery = queryOptions({
  queryKey: keys.invites,
  queryFn: ({ signal }) => call(endpoints.listInvites, { signal }),
})
export const remoteAppsQuery = queryOptions({
  queryKey: keys.remoteApps,
  queryFn: ({ signal }) => call(endpoints.listRemoteApps, { signal }),
})
export const executingAppsQuery = queryOptions({
  queryKey: keys.executingApps,
  queryFn: ({ signal }) => call(endpoints.listExecutingApps, { signal }),
})
export const notificationsQuery = queryOptions({
  queryKey: keys.notifications,
  queryFn: ({ signal }) => call(endpoints.listNotifications, { signal }),
})
export const approvalsQuery = queryOptions({
  queryKey: keys.approvals,
  queryFn: ({ signal }) => call(endpoints.listApprovals, { signal }),
})
export const violationsQuery = queryOptions({
  queryKey: keys.violations,
  queryFn: ({ signal }) => call(endpoints.listViolations, { signal }),
})
export const settingsQuery = queryOptions({
  queryKey: keys.settings,
  queryFn: ({ signal }) => call(endpoints.getSettings, { signal }),
})
export const usersQuery = queryOptions({
  queryKey: keys.users,
  queryFn: ({ signal }) => call(endpoints.listUsers, { signal }),
})
export const tokensQuery = queryOptions({
  queryKey: keys.tokens,
  queryFn: ({ signal }) => call(endpoints.listTokens, { signal }),
})
export const sessionsQuery = queryOptions({
  queryKey: keys.sessions,
  queryFn: ({ signal }) => call(endpoints.listSessions, { signal }),
})

/** From the list that the event stream keeps, so that a page of one app is as live as the list. */
export const remoteAppOf =
  (namespace: string, name: string) =>
  (list: { readonly items: readonly RemoteApp[] }): RemoteApp | undefined =>
    list.items.find(
      (app) => app.metadata.name === name && (app.metadata.namespace ?? '') === namespace,
    )
