import type { AuditEntry, AuditQuery } from '@porpulsion/contract'
import type { ApiHandlers } from '../api/index.ts'
import { peerActor } from './audit-entry.ts'
import type { AuditTrail } from './audit-trail.ts'

const DEFAULT_LIMIT = 100

export function auditHandlers({ audit }: { readonly audit: AuditTrail }): ApiHandlers {
  return {
    listAudit: ({ query }) => {
      const { limit = DEFAULT_LIMIT } = query
      const found = audit.entries().filter((entry) => fits(entry, query))
      return Promise.resolve({ items: found.slice(-limit).reverse() })
    },
  }
}

function fits(
  entry: AuditEntry,
  { since, actor, action, about, outcome, peer }: AuditQuery,
): boolean {
  return (
    (since === undefined || Date.parse(entry.time) >= Date.parse(since)) &&
    (actor === undefined || entry.actor === actor) &&
    (action === undefined || entry.action === action) &&
    (about === undefined || isAbout(entry, about)) &&
    (outcome === undefined || entry.outcome === outcome) &&
    (peer === undefined || concerns(entry, peer))
  )
}

/** It, or one of its ports: `remoteapp/porpulsion,web:8080`. */
const isAbout = (entry: AuditEntry, wanted: string): boolean =>
  entry.about === wanted || entry.about?.startsWith(`${wanted}:`) === true

/** What it did, what was done to it, and what users did that reaches it. */
const concerns = ({ actor, about, peer }: AuditEntry, name: string): boolean =>
  peer === name || actor === peerActor(name) || about === `peer/${name}`
