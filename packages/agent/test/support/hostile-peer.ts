/**
 * An agent with a cluster of its own, and peers of it that hold to the protocol, by invite, with their own keys, inner
 * TLS and Hello, and send over it whatever they like.
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import {
  decodeInviteBundle,
  defaultSettings,
  peerNamespace,
  type AppSpec,
  type AppVerdict,
  type Approval,
  type AuditEntry,
  type PeerSettings,
} from '@porpulsion/contract'
import { startEmbeddedCluster } from '@porpulsion/embedded-cluster'
import { bearerToken, KubeClient } from '@porpulsion/kube'
import { vi } from 'vitest'
import { startAgent } from '../../src/agent.ts'
import { noAudit } from '../../src/audit/index.ts'
import { createLinks, type ExecTarget, type Links } from '../../src/links/index.ts'
import { createLogger, systemClock, systemRandom } from '../../src/observability/index.ts'
import { createHttpRedeemClient } from '../../src/peers/index.ts'
import { introduceSelf } from '../../src/peers/introduce-self.ts'
import { specHash } from '../../src/workloads/spec-hash.ts'
import { freePort } from './free-port.ts'
import { anIdentity } from './identities.ts'
import { createMemoryDirectory, knownAs } from './memory-directory.ts'

const { signal } = new AbortController()
const waiting = { timeout: 10_000, interval: 10 }

export interface Answer {
  readonly status: number
  /** Of a problem. */
  readonly code: string | undefined
  readonly body: unknown
}

/** The agent under attack, as its owner sees it. */
export interface Victim {
  readonly client: KubeClient
  readonly fingerprint: string
  api(method: string, path: string, body?: unknown): Promise<Answer>
  /** The rules for one peer alone; they replace what was set for it before. */
  rules(peer: Pick<PlayedPeer, 'name'>, rules: PeerSettings): Promise<void>
  /** What waits of this peer. */
  waiting(peer: Pick<PlayedPeer, 'name'>): Promise<Approval[]>
  /** What a peer did, and what was done about it. */
  audit(peer: Pick<PlayedPeer, 'name'>): Promise<readonly AuditEntry[]>
  stop(): Promise<void>
}

export async function aVictim(): Promise<Victim> {
  const cluster = await startEmbeddedCluster({ name: 'victim', tls: false })
  const folder = await mkdtemp(join(tmpdir(), 'porpulsion-victim-'))
  const file = join(folder, 'kubeconfig')
  await writeFile(file, cluster.kubeconfig())
  const peerPort = await freePort()
  const adminTokenFile = join(folder, 'token')
  const agent = await startAgent({
    name: 'victim',
    cluster: { kind: 'kubeconfig', file },
    selfUrl: `http://127.0.0.1:${peerPort}`,
    dashboardPort: 0,
    peerPort,
    adminTokenFile,
    podsReachable: true,
    logLevel: 'silent',
  })
  const token = (await readFile(adminTokenFile, 'utf8')).trim()
  const connection = { server: cluster.url, credentials: bearerToken(cluster.token) }
  const client = new KubeClient(connection, { fieldManager: 'test' })

  async function api(method: string, path: string, body?: unknown): Promise<Answer> {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    const response = await fetch(`${agent.dashboardUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': type },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return answerOf(response.status, await response.text())
  }

  async function list(path: string): Promise<readonly unknown[]> {
    const { status, body } = await api('GET', path)
    if (status !== 200) throw new Error(`${path} answered ${status}`)
    return (body as { items: unknown[] }).items
  }

  return {
    client,
    fingerprint: agent.fingerprint,
    api,
    async rules({ name }, rules) {
      await api('PATCH', '/api/settings', { peers: { [name]: null } })
      const { status, body } = await api('PATCH', '/api/settings', { peers: { [name]: rules } })
      if (status !== 200) throw new Error(`No valid rules: ${JSON.stringify(body)}`)
    },
    waiting: async ({ name }) => (await list(`/api/approvals?peer=${name}`)) as Approval[],
    audit: async ({ name }) => (await list(`/api/audit?peer=${name}&limit=2000`)) as AuditEntry[],
    async stop() {
      await agent.stop()
      await client.close()
      await cluster.stop()
      await rm(folder, { recursive: true })
    },
  }
}

/** What a peer says of an app; what is left out is said honestly. */
export interface Claims {
  readonly uid?: string
  readonly name?: string
  readonly namespace?: string
  readonly generation?: number
  readonly epoch?: string
  readonly specHash?: string
  readonly restartedAt?: string
}

/** A peer that says what it is told to. */
export interface PlayedPeer {
  readonly name: string
  readonly fingerprint: string
  /** Where the victim keeps what it runs for it. */
  readonly namespace: string
  /** What the victim asked of it: `PUT /v1/apps/…`. */
  readonly asked: readonly string[]
  /** One request of the peer API, as it is: the path is not encoded, a text is sent untouched. */
  request(method: string, path: string, body?: unknown): Promise<Answer>
  submit(spec: object, claims?: Claims): Promise<Answer>
  tunnel(uid: string, port: number): Promise<Duplex>
  /** An exec stream, as its frames. */
  exec(target: ExecTarget): Promise<Duplex>
  stop(): Promise<void>
}

/** Peers by invite. Resolves once the link is up and both sides have confirmed. */
export async function aPlayedPeer(victim: Victim, name: string): Promise<PlayedPeer> {
  const identity = await anIdentity(name)
  const invite = await victim.api('POST', '/api/invites', { autoConfirm: true })
  const bundle = decodeInviteBundle((invite.body as { bundle: string }).bundle)
  const redeemClient = createHttpRedeemClient({
    outerTrust: () => Promise.resolve({ rejectUnauthorized: true }),
    proxyFor: () => undefined,
  })
  const ca = await introduceSelf(
    { identity, client: redeemClient, selfUrl: undefined },
    bundle,
    signal,
  )
  const directory = createMemoryDirectory()
  directory.put(
    knownAs(
      'victim',
      { ...identity, fingerprint: ca.fingerprint, caCertificatePem: ca.pem },
      bundle,
    ),
  )

  const asked: string[] = []
  const peerApi = createHttpServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`)
    request.resume()
    const answer = politeAnswer(request.method, request.url)
    response.statusCode = answer === undefined ? 204 : 200
    response.setHeader('content-type', 'application/json')
    response.end(answer && JSON.stringify(answer))
  })
  const links = createLinks(
    {
      identity,
      directory,
      services: {
        servePeerApi: (duplex) => peerApi.emit('connection', duplex),
        acceptTcp: () => Promise.reject(new Error('Nothing runs here')),
        acceptExec: () => Promise.reject(new Error('Nothing runs here')),
      },
      settings: () => defaultSettings,
      clock: systemClock,
      random: systemRandom,
      logger: createLogger({ level: 'silent', agent: name }),
      audit: noAudit,
    },
    { agentVersion: '0.0.0' },
  )
  links.start()
  await vi.waitFor(() => {
    const view = links.view(ca.fingerprint)
    if (view.state !== 'Connected' || view.confirmedByPeer !== true) throw new Error(view.state)
  }, waiting)

  const request: PlayedPeer['request'] = (method, path, body) =>
    ask(links, ca.fingerprint, { method, path, body })
  return {
    name,
    fingerprint: identity.fingerprint,
    namespace: peerNamespace(identity.fingerprint),
    asked,
    request,
    submit: (spec, { uid = randomUUID(), ...claims } = {}) =>
      request('PUT', `/v1/apps/${uid}`, aSubmission(spec, claims)),
    tunnel: (app, port) => links.openTcp(ca.fingerprint, { app, port }, signal),
    exec: (target) => links.openExec(ca.fingerprint, target, signal),
    stop: () => links.stop(),
  }
}

/** With the hash an honest agent would send; the spec stays as it is. */
export function aSubmission(spec: object, claims: Claims = {}): Record<string, unknown> {
  const { name = 'web', restartedAt } = claims
  return {
    name,
    namespace: 'default',
    generation: 1,
    epoch: 'e',
    spec,
    specHash: specHash({ name, restartedAt, spec: spec as AppSpec }), // whatever it is: it is hashed alike
    ...claims,
  }
}

export const verdictOf = ({ body }: Answer): AppVerdict => body as AppVerdict

function politeAnswer(method = '', url = ''): object | undefined {
  if (url === '/v1/inventory') return { wanted: [], unknown: [] }
  if (url.startsWith('/v1/statuses/')) return undefined
  if (method === 'GET') return { generation: 1, specHash: '0'.repeat(64) }
  if (method === 'DELETE') return { state: 'Gone' }
  return { verdict: 'Accepted', reason: 'Accepted', message: '', policyRevision: 'x' }
}

async function ask(
  links: Links,
  fingerprint: string,
  { method, path, body }: { method: string; path: string; body: unknown },
): Promise<Answer> {
  const response = await links.request(fingerprint, {
    method,
    path,
    headers: { host: 'peer', ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    signal,
  })
  let text = ''
  response.body.setEncoding('utf8')
  for await (const chunk of response.body as AsyncIterable<string>) text += chunk
  return answerOf(response.status, text)
}

function answerOf(status: number, text: string): Answer {
  const lines = text.trim().split('\n')
  const body: unknown = text === '' || lines.length > 1 ? text : parsed(text)
  const code: unknown = typeof body === 'object' && body !== null && Reflect.get(body, 'code')
  return { status, code: typeof code === 'string' ? code : undefined, body }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
