/**
 * The audit trail: one entry for every change, sign-in, tunnel and refused request of a peer. Others only tell it
 * (`record`); it keeps the last thousand, writes each for good, and answers who asks.
 *
 * Must not know what any action means, nor be given what was in a request: no bodies, secrets or tokens.
 */
export { AGENT, ANYONE, TICKET, outcomeOf, peerActor, type AuditFacts } from './audit-entry.ts'
export { createAuditFile, type AuditFileOptions } from './audit-file.ts'
export { auditHandlers } from './audit-routes.ts'
export { logSink } from './log-sink.ts'
export {
  createAuditTrail,
  noAudit,
  type Audit,
  type AuditSink,
  type AuditTrail,
} from './audit-trail.ts'
