/**
 * The REST API as a table: routes are registered from it, clients are typed by it, OpenAPI is generated from it, and
 * the role column is what the access check enforces.
 */
import { Type, type Static, type TSchema } from 'typebox'
import { endpoint, type Endpoint } from './endpoint.ts'
import { ApiEvent } from './api-events.ts'
import { ExecutingApp, ExecutingAppList } from './executing-app.ts'
import { LogLine } from './peer-messages.ts'
import { Peer, PeerList } from './peer.ts'
import { RemoteApp, RemoteAppList, RemoteAppManifest } from './remote-app.ts'
import * as bodies from './rest-bodies.ts'
import { SettingsDocument } from './settings.ts'

const NameParam = 'A uid, a bare name, or "namespace,name".'
const AppsQuery = Type.Object({
  namespace: Type.Optional(Type.String({ maxLength: 63 })),
  peer: Type.Optional(Type.String({ maxLength: 63 })),
})

export const endpoints = {
  getStatus: endpoint('GET /api/status', 'Agent', 'viewer', 'What this agent is and how it is', {
    response: bodies.AgentStatus,
  }),
  streamEvents: endpoint(
    'GET /api/events',
    'Agent',
    'viewer',
    'Everything that changes, as it changes',
    { format: 'sse', response: ApiEvent },
  ),

  login: endpoint(
    'POST /api/login',
    'Access',
    'anyone',
    'Exchange a one-time login code for a session cookie',
    { body: bodies.LoginByCode, response: bodies.SessionInfo },
  ),
  logout: endpoint('POST /api/logout', 'Access', 'viewer', 'End this session', { status: 204 }),
  getSession: endpoint('GET /api/session', 'Access', 'viewer', 'Who am I', {
    response: bodies.SessionInfo,
  }),
  createLoginLink: endpoint(
    'POST /api/login-links',
    'Access',
    'admin',
    'Create a one-time login link',
    { status: 201, response: bodies.LoginLink },
  ),
  listTokens: endpoint('GET /api/tokens', 'Access', 'admin', 'List API tokens', {
    response: bodies.ApiTokenList,
  }),
  createToken: endpoint('POST /api/tokens', 'Access', 'admin', 'Create an API token', {
    status: 201,
    body: bodies.CreateToken,
    response: bodies.CreatedToken,
  }),
  revokeToken: endpoint(
    'DELETE /api/token/:id',
    'Access',
    'admin',
    'Revoke an API token (id or name)',
    { status: 204 },
  ),

  listInvites: endpoint('GET /api/invites', 'Peers', 'admin', 'List open invites', {
    response: bodies.InviteList,
  }),
  createInvite: endpoint('POST /api/invites', 'Peers', 'admin', 'Create a one-time invite', {
    status: 201,
    body: bodies.CreateInvite,
    response: bodies.CreatedInvite,
  }),
  revokeInvite: endpoint('DELETE /api/invite/:id', 'Peers', 'admin', 'Revoke an invite', {
    status: 204,
  }),
  listPeers: endpoint('GET /api/peers', 'Peers', 'viewer', 'List peers', { response: PeerList }),
  addPeer: endpoint('POST /api/peers', 'Peers', 'admin', 'Redeem an invite of another cluster', {
    status: 201,
    body: bodies.AddPeer,
    response: Peer,
  }),
  getPeer: endpoint('GET /api/peer/:name', 'Peers', 'viewer', 'One peer', { response: Peer }),
  confirmPeer: endpoint(
    'POST /api/peer/:name/confirm',
    'Peers',
    'admin',
    'Say that the fingerprints match',
    { body: bodies.ConfirmPeer, response: Peer },
  ),
  removePeer: endpoint(
    'DELETE /api/peer/:name',
    'Peers',
    'admin',
    'Remove a peer; always ends, also when it is away',
    { query: bodies.RemovePeerQuery, response: bodies.PeerRemoval },
  ),

  listRemoteApps: endpoint('GET /api/remoteapps', 'Apps', 'viewer', 'Apps we run at peers', {
    query: AppsQuery,
    response: RemoteAppList,
  }),
  createRemoteApp: endpoint('POST /api/remoteapps', 'Apps', 'operator', 'Run an app at a peer', {
    status: 201,
    body: RemoteAppManifest,
    response: RemoteApp,
  }),
  getRemoteApp: endpoint('GET /api/remoteapp/:id', 'Apps', 'viewer', `One app. ${NameParam}`, {
    query: AppsQuery,
    response: RemoteApp,
  }),
  updateRemoteApp: endpoint(
    'PUT /api/remoteapp/:id',
    'Apps',
    'operator',
    'Replace the spec (a field left out is removed)',
    { query: AppsQuery, body: RemoteAppManifest, response: RemoteApp },
  ),
  patchRemoteApp: endpoint(
    'PATCH /api/remoteapp/:id',
    'Apps',
    'operator',
    'Merge-patch the spec (null removes a field)',
    {
      query: AppsQuery,
      body: Type.Object(
        { spec: Type.Record(Type.String(), Type.Unknown()) },
        { additionalProperties: false },
      ),
      response: RemoteApp,
    },
  ),
  deleteRemoteApp: endpoint(
    'DELETE /api/remoteapp/:id',
    'Apps',
    'operator',
    'Delete an app; with force, do not wait for a peer that is away',
    {
      status: 202,
      query: Type.Object({ ...AppsQuery.properties, force: Type.Optional(Type.Boolean()) }),
      response: RemoteApp,
    },
  ),
  scaleRemoteApp: endpoint(
    'POST /api/remoteapp/:id/scale',
    'Apps',
    'operator',
    'Set the number of replicas',
    { query: AppsQuery, body: bodies.ScaleApp, response: RemoteApp },
  ),
  restartRemoteApp: endpoint(
    'POST /api/remoteapp/:id/restart',
    'Apps',
    'operator',
    'Replace every pod, one after the other',
    { query: AppsQuery, response: RemoteApp },
  ),
  createAppUrl: endpoint(
    'POST /api/remoteapp/:id/url',
    'Apps',
    'operator',
    'A URL with a ticket for one port of the app',
    { query: AppsQuery, body: bodies.AppUrlRequest, response: bodies.AppUrl },
  ),
  streamRemoteAppLogs: endpoint(
    'GET /api/remoteapp/:id/logs',
    'Apps',
    'viewer',
    'Logs of the pods at the peer',
    {
      format: 'ndjson',
      query: Type.Object({ ...AppsQuery.properties, ...bodies.LogsQuery.properties }),
      response: LogLine,
    },
  ),

  listExecutingApps: endpoint(
    'GET /api/executingapps',
    'Hosting',
    'viewer',
    'Apps that run here for peers',
    { query: AppsQuery, response: ExecutingAppList },
  ),
  getExecutingApp: endpoint(
    'GET /api/executingapp/:id',
    'Hosting',
    'viewer',
    `One app that runs here. ${NameParam}`,
    { query: AppsQuery, response: ExecutingApp },
  ),
  streamExecutingAppLogs: endpoint(
    'GET /api/executingapp/:id/logs',
    'Hosting',
    'operator',
    'Logs of an app that runs here',
    {
      format: 'ndjson',
      query: Type.Object({ ...AppsQuery.properties, ...bodies.LogsQuery.properties }),
      response: LogLine,
    },
  ),

  getSettings: endpoint('GET /api/settings', 'Settings', 'viewer', "The owner's rules", {
    response: bodies.SettingsView,
  }),
  putSettings: endpoint('PUT /api/settings', 'Settings', 'admin', 'Replace the rules', {
    body: SettingsDocument,
    response: bodies.SettingsView,
  }),
  patchSettings: endpoint(
    'PATCH /api/settings',
    'Settings',
    'admin',
    'Merge-patch the rules (null removes)',
    { body: Type.Record(Type.String(), Type.Unknown()), response: bodies.SettingsView },
  ),

  listNotifications: endpoint(
    'GET /api/notifications',
    'Notifications',
    'viewer',
    'What needs attention',
    { response: bodies.NotificationList },
  ),
  acknowledgeNotification: endpoint(
    'POST /api/notification/:id/acknowledge',
    'Notifications',
    'operator',
    'Mark as seen',
    { response: bodies.Notification },
  ),
} as const satisfies Record<string, Endpoint>

export type EndpointName = keyof typeof endpoints
type SchemaOf<S> = S extends TSchema ? Static<S> : undefined
export type QueryOf<E extends Endpoint> = Static<E['query']>
export type BodyOf<E extends Endpoint> = SchemaOf<E['body']>
export type ResponseOf<E extends Endpoint> = SchemaOf<E['response']>
