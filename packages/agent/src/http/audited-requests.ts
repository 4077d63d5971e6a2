import type { PorpulsionError } from '@porpulsion/contract'
import type { FastifyRequest } from 'fastify'
import type { Caller, CallingPeer } from '../api/index.ts'
import { ANYONE, outcomeOf, peerActor, type Audit, type AuditFacts } from '../audit/index.ts'
import type { ClientAddress } from './client-address.ts'
import type { SettledRequest } from './endpoint-routes.ts'
import { isSafeMethod } from './origin-rules.ts'

/** Every change through the REST API, whoever tried it and whatever became of it. */
export function auditChanges(deps: {
  readonly audit: Audit
  readonly clientAddress: ClientAddress
  readonly callerOf: (request: FastifyRequest) => Caller | undefined
  /** Endpoints that say more themselves. */
  readonly except: readonly string[]
}): (settled: SettledRequest) => void {
  return (settled) => {
    const { name, endpoint, request } = settled
    // A GET in name only: what is typed into a WebSocket changes things.
    const isRead = isSafeMethod(endpoint.method) && endpoint.format !== 'websocket'
    if (isRead || endpoint.onlyAsks || deps.except.includes(name)) return
    deps.audit.record({
      actor: deps.callerOf(request)?.name ?? ANYONE,
      action: name,
      ...aboutOf(settled),
      ...outcome(settled),
      from: deps.clientAddress.of(request.raw),
      ...settled.noted,
    })
  }
}

/** What we refused a peer. What it did is for the features to say: they know what it means. */
export function auditRefusals(deps: {
  readonly audit: Audit
  readonly peerOf: (request: FastifyRequest) => CallingPeer | undefined
}): (settled: SettledRequest) => void {
  return (settled) => {
    const peer = deps.peerOf(settled.request)
    const facts = outcome(settled)
    if (peer === undefined || facts.outcome !== 'refused') return
    const actor = peerActor(peer.name)
    deps.audit.record({ actor, action: settled.name, ...aboutOf(settled), ...facts })
  }
}

function outcome({ end }: SettledRequest): Pick<AuditFacts, 'outcome' | 'reason'> {
  if (!('error' in end)) return { outcome: 'done' }
  const { kind, code }: PorpulsionError = end.error
  return { outcome: outcomeOf(kind), reason: code }
}

/** `remoteapp/porpulsion,web`: the first word of the path and a name. What was made is named by the answer. */
function aboutOf({ endpoint, request, end }: SettledRequest): Pick<AuditFacts, 'about'> {
  const [kind = ''] = endpoint.path.replace(/^\/(api|v1)\//, '').split('/')
  const [param] = Object.values(request.params as Readonly<Record<string, string>>) // an object, says Fastify
  const name =
    ('result' in end ? nameIn(end.result) : undefined) ?? text(param) ?? nameIn(request.body)
  return name === undefined ? {} : { about: `${kind.replace(/s$/, '')}/${name}` }
}

/** Of an object of ours or of Kubernetes; nothing else of it is looked at. */
function nameIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { metadata, name, id } = value as { metadata?: unknown; name?: unknown; id?: unknown } // an object: see above
  if (typeof metadata === 'object' && metadata !== null) return objectName(metadata)
  return text(name) ?? text(id)
}

function objectName(metadata: { namespace?: unknown; name?: unknown }): string | undefined {
  const [namespace, name] = [text(metadata.namespace), text(metadata.name)]
  return namespace === undefined || name === undefined ? name : `${namespace},${name}`
}

/** Longer names are nobody's; whole bodies may be sent as one, and repeats are remembered by it. */
const MAX_NAME = 512

const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value.slice(0, MAX_NAME) : undefined
