/** The API that peers serve each other over rpc streams, as a table like that of the REST API. */
import { endpoint, type Endpoint } from './endpoint.ts'
import { AppMetrics } from './app-metrics.ts'
import { IdentityRenewal, PinnedIdentity } from './identity-renewal.ts'
import * as messages from './peer-messages.ts'

/** Every caller is a proven, confirmed peer; what it may touch is decided per app from the host's own records. */
export const peerEndpoints = {
  getSelf: endpoint('GET /v1/self', 'Peer', 'anyone', 'Who answers', {
    response: messages.PeerSelf,
  }),
  getPinnedIdentity: endpoint('GET /v1/identity', 'Peer', 'anyone', 'By which CA do you know me?', {
    response: PinnedIdentity,
  }),
  putIdentityRenewal: endpoint(
    'PUT /v1/identity',
    'Peer',
    'anyone',
    'My new CA, proven by the former one: pin both',
    { body: IdentityRenewal, response: PinnedIdentity },
  ),
  withdrawIdentityRenewal: endpoint(
    'DELETE /v1/identity/:fingerprint',
    'Peer',
    'anyone',
    'The CA I have announced shall not count',
    { response: PinnedIdentity },
  ),
  putApp: endpoint('PUT /v1/apps/:uid', 'Peer', 'anyone', 'Submitter → host: run this', {
    body: messages.AppSubmission,
    response: messages.AppVerdict,
  }),
  checkApp: endpoint(
    'POST /v1/checks',
    'Peer',
    'anyone',
    'Submitter → host: would you run this? Nothing is recorded',
    { body: messages.AppCheckRequest, response: messages.AppCheckReply },
  ),
  deleteApp: endpoint('DELETE /v1/apps/:uid', 'Peer', 'anyone', 'Submitter → host: remove this', {
    response: messages.AppDeletion,
  }),
  getAppClaim: endpoint(
    'GET /v1/apps/:uid',
    'Peer',
    'anyone',
    'Host → submitter: do you still want this? 410 when deleted',
    { response: messages.AppClaim },
  ),
  putStatus: endpoint('PUT /v1/statuses/:uid', 'Peer', 'anyone', 'Host → submitter: how it is', {
    status: 204,
    body: messages.StatusReport,
  }),
  postInventory: endpoint(
    'POST /v1/inventory',
    'Peer',
    'anyone',
    'Host → submitter: all I run for you',
    { body: messages.Inventory, response: messages.InventoryReply },
  ),
  streamAppLogs: endpoint('GET /v1/apps/:uid/logs', 'Peer', 'anyone', 'Submitter → host: logs', {
    format: 'ndjson',
    query: messages.PeerLogsQuery,
    response: messages.LogLine,
  }),
  getAppMetrics: endpoint(
    'GET /v1/apps/:uid/metrics',
    'Peer',
    'anyone',
    'Submitter → host: what do its pods use?',
    { response: AppMetrics },
  ),
} as const satisfies Record<string, Endpoint>

export type PeerEndpointName = keyof typeof peerEndpoints
