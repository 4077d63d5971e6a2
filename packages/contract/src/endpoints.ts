/**
 * The REST API as a table: routes are registered from it, clients are typed by it, OpenAPI is generated from it, and
 * the role column is what the access check enforces.
 */
import { Type, type Static, type TSchema } from 'typebox'
import { endpoint, type Endpoint } from './endpoint.ts'
import { ApiEvent } from './api-events.ts'
import { ConnectQuery, connectionSubprotocol } from './app-connection.ts'
import {
  Approval,
  ApprovalDetail,
  ApprovalList,
  Decision,
  StopViolations,
  ViolationList,
} from './approvals.ts'
import { AuditList, AuditQuery } from './audit.ts'
import { ExecQuery } from './exec.ts'
import { execSubprotocol } from './exec-channels.ts'
import { OwnIdentity, RotateIdentity } from './identity-renewal.ts'
import { ExecutingApp, ExecutingAppList } from './executing-app.ts'
import { LogLine } from './peer-messages.ts'
import { Peer, PeerList } from './peer.ts'
import { PeerHistory, PeerLink } from './peer-link.ts'
import { AppCheck } from './app-check.ts'
import { AppConfig, AppConfigPatch, AppConfigQuery } from './app-config.ts'
import { AppRevisionList, RollbackApp } from './app-history.ts'
import { AppMetrics } from './app-metrics.ts'
import { RemoteApp, RemoteAppList, RemoteAppManifest } from './remote-app.ts'
import * as bodies from './rest-bodies.ts'
import { PeerRules, SettingsPreview, Usage } from './rules-in-force.ts'
import { SettingsDocument } from './settings.ts'
import * as users from './users.ts'

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
    'Exchange a one-time login code, or a name and a password, for a session cookie',
    { body: users.Login, response: bodies.SessionInfo },
  ),
  logout: endpoint('POST /api/logout', 'Access', 'viewer', 'End this session', { status: 204 }),
  getSession: endpoint('GET /api/session', 'Access', 'viewer', 'Who am I', {
    response: bodies.SessionInfo,
  }),
  createLoginLink: endpoint(
    'POST /api/login-links',
    'Access',
    'admin',
    'Create a one-time login link for yourself',
    { status: 201, response: bodies.LoginLink },
  ),
  changePassword: endpoint(
    'PUT /api/me/password',
    'Access',
    'viewer',
    'Set your password; your other sessions end',
    { status: 204, body: users.ChangePassword },
  ),
  listSessions: endpoint(
    'GET /api/sessions',
    'Access',
    'viewer',
    'Who is signed in: you, or for admins everybody',
    { response: users.SessionList },
  ),
  endSessions: endpoint(
    'DELETE /api/sessions',
    'Access',
    'viewer',
    'End your other sessions, or for admins all of a user',
    { query: users.EndSessionsQuery, response: users.EndedSessions },
  ),
  endSession: endpoint('DELETE /api/session/:id', 'Access', 'viewer', 'End a session', {
    status: 204,
  }),
  listUsers: endpoint('GET /api/users', 'Access', 'admin', 'List users', {
    response: users.UserList,
  }),
  createUser: endpoint('POST /api/users', 'Access', 'admin', 'Create a user, with a login link', {
    status: 201,
    body: users.CreateUser,
    response: users.CreatedUser,
  }),
  updateUser: endpoint(
    'PATCH /api/user/:name',
    'Access',
    'admin',
    'Change the role of a user, disable them, or take their password away',
    { body: users.UpdateUser, response: users.User },
  ),
  deleteUser: endpoint(
    'DELETE /api/user/:name',
    'Access',
    'admin',
    'Delete a user, with their sessions, links and tokens',
    { status: 204 },
  ),
  createUserLoginLink: endpoint(
    'POST /api/user/:name/login-link',
    'Access',
    'admin',
    'Create a one-time login link for a user, to hand over',
    { status: 201, response: bodies.LoginLink },
  ),
  listTokens: endpoint(
    'GET /api/tokens',
    'Access',
    'viewer',
    'List API tokens: yours, or for admins all',
    { response: bodies.ApiTokenList },
  ),
  createToken: endpoint(
    'POST /api/tokens',
    'Access',
    'viewer',
    'Create an API token of your role or below',
    { status: 201, body: bodies.CreateToken, response: bodies.CreatedToken },
  ),
  revokeToken: endpoint(
    'DELETE /api/token/:id',
    'Access',
    'viewer',
    'Revoke an API token (id or name): yours, or for admins any',
    { status: 204 },
  ),
  listAudit: endpoint('GET /api/audit', 'Audit', 'admin', 'Who did what', {
    query: AuditQuery,
    response: AuditList,
  }),

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
  getPeerLink: endpoint(
    'GET /api/peer/:name/link',
    'Peers',
    'viewer',
    'The link to a peer now: traffic, session, certificates',
    { response: PeerLink },
  ),
  getPeerHistory: endpoint(
    'GET /api/peer/:name/history',
    'Peers',
    'viewer',
    'How the link to a peer was in the last 24 hours',
    { response: PeerHistory },
  ),
  getPeerRules: endpoint(
    'GET /api/peer/:name/rules',
    'Peers',
    'viewer',
    'The rules as they hold for a peer',
    { response: PeerRules },
  ),
  confirmPeer: endpoint(
    'POST /api/peer/:name/confirm',
    'Peers',
    'admin',
    'Say that the fingerprints match',
    { body: bodies.ConfirmPeer, response: Peer },
  ),
  getIdentity: endpoint(
    'GET /api/identity',
    'Identity',
    'viewer',
    'Who this agent is to its peers, and how far a renewal is',
    { response: OwnIdentity },
  ),
  rotateIdentity: endpoint(
    'POST /api/identity/rotation',
    'Identity',
    'admin',
    'Renew the CA: peers pin both, then it is switched; goes on by itself',
    { body: RotateIdentity, response: OwnIdentity },
  ),
  cancelIdentityRotation: endpoint(
    'DELETE /api/identity/rotation',
    'Identity',
    'admin',
    'Withdraw the announced CA; only before it is switched',
    { response: OwnIdentity },
  ),
  forgetFormerIdentity: endpoint(
    'DELETE /api/identity/former',
    'Identity',
    'admin',
    'Erase the former key; peers that know no other need a new invite',
    { response: OwnIdentity },
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
    query: Type.Object({
      dryRun: Type.Optional(
        Type.Enum(['peer'], {
          description:
            'Ask the peer what it would do, and make nothing: answers 200 with an AppCheck. An app of that name that exists is taken for the one to update.',
        }),
      ),
    }),
    body: RemoteAppManifest,
    response: Type.Union([RemoteApp, AppCheck]),
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
  getAppConfig: endpoint(
    'GET /api/remoteapp/:id/config',
    'Apps',
    'viewer',
    'The files an app is given; those of secrets by name only',
    {
      query: Type.Object({ ...AppsQuery.properties, ...AppConfigQuery.properties }),
      response: AppConfig,
    },
  ),
  patchAppConfig: endpoint(
    'PATCH /api/remoteapp/:id/config',
    'Apps',
    'operator',
    'Set and remove files of an app, each by name; its pods are replaced',
    { query: AppsQuery, body: AppConfigPatch, response: AppConfig },
  ),
  listRevisions: endpoint(
    'GET /api/remoteapp/:id/revisions',
    'Apps',
    'viewer',
    'The last specs of an app, newest first, without the values of secrets',
    { query: AppsQuery, response: AppRevisionList },
  ),
  rollbackRemoteApp: endpoint(
    'POST /api/remoteapp/:id/rollback',
    'Apps',
    'operator',
    'Make an earlier spec the newest one; it is judged like any change',
    { query: AppsQuery, body: RollbackApp, response: RemoteApp },
  ),
  getAppMetrics: endpoint(
    'GET /api/remoteapp/:id/metrics',
    'Apps',
    'viewer',
    'What its pods use right now, where the cluster of the peer measures it',
    { query: AppsQuery, response: AppMetrics },
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
  execRemoteApp: endpoint(
    'GET /api/remoteapp/:id/exec',
    'Apps',
    'operator',
    'Run a command in a pod at the peer; a WebSocket with a byte of channel first in every message',
    {
      status: 101,
      format: 'websocket',
      webSocket: { subprotocol: execSubprotocol, carries: 'terminal' },
      query: Type.Object({ namespace: AppsQuery.properties.namespace, ...ExecQuery.properties }),
    },
  ),
  connectRemoteApp: endpoint(
    'GET /api/remoteapp/:id/connect',
    'Apps',
    'operator',
    'Connect to a TCP port of the app, as often as wanted; a WebSocket with a session whose streams are the connections',
    {
      status: 101,
      format: 'websocket',
      webSocket: { subprotocol: connectionSubprotocol, carries: 'session' },
      query: Type.Object({
        namespace: AppsQuery.properties.namespace,
        ...ConnectQuery.properties,
      }),
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
  getExecutingAppMetrics: endpoint(
    'GET /api/executingapp/:id/metrics',
    'Hosting',
    'viewer',
    'What the pods of an app that runs here use right now, where this cluster measures it',
    { query: AppsQuery, response: AppMetrics },
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

  listApprovals: endpoint(
    'GET /api/approvals',
    'Approvals',
    'viewer',
    'Apps and tunnels of peers that wait for a decision here',
    { query: Type.Object({ peer: AppsQuery.properties.peer }), response: ApprovalList },
  ),
  getApproval: endpoint(
    'GET /api/approval/:id',
    'Approvals',
    'viewer',
    'One of them, with what would change',
    { response: ApprovalDetail },
  ),
  approve: endpoint(
    'POST /api/approval/:id/approve',
    'Approvals',
    'operator',
    'Let it run; judged by the rules once more',
    { body: Decision, response: Approval },
  ),
  reject: endpoint(
    'POST /api/approval/:id/reject',
    'Approvals',
    'operator',
    'Refuse it; the peer reads the note',
    { body: Decision, response: Approval },
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

  previewSettings: endpoint(
    'POST /api/settings/preview',
    'Settings',
    'viewer',
    'What a document would change, and which apps that run here it would refuse; writes nothing',
    { onlyAsks: true, body: SettingsDocument, response: SettingsPreview },
  ),
  getUsage: endpoint(
    'GET /api/usage',
    'Settings',
    'viewer',
    'What apps of peers take of the totals, all together and by peer',
    { response: Usage },
  ),

  listViolations: endpoint(
    'GET /api/settings/violations',
    'Settings',
    'viewer',
    'Apps that run here and break the rules as they are now',
    { response: ViolationList },
  ),
  stopViolations: endpoint(
    'POST /api/settings/violations/stop',
    'Settings',
    'admin',
    'Stop them; each runs again once the rules, or the app, allow it',
    { body: StopViolations, response: ViolationList },
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
