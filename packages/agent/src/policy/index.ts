/**
 * The owner's rules, as pure functions: which apps of which peer may run here, and who may touch what. Reasons are
 * stable codes, messages name the rule, the limit and what was asked.
 *
 * Knows neither cluster nor link: it is handed settings and records, and answers.
 */
export { inboundRefusal, refusals, type Refusal, type Submission } from './admission-rules.ts'
export {
  authorize,
  type Access,
  type AppRecord,
  type AppTarget,
  type PeerVerb,
} from './authorize.ts'
export { isAtMost } from './container-resources.ts'
export { fillIns, type FillIn } from './fill-ins.ts'
export { normaliseImage } from './image-reference.ts'
export { totalLevel, type TotalLevel } from './near-totals.ts'
export { policyRevision, rulesFor, type PeerRules } from './peer-rules.ts'
export { securedContext, type SecurityLevel } from './pod-security.ts'
export { createUsageLedger, noOthers, type OtherUsage, type UsageLedger } from './usage-ledger.ts'
export { add, larger, usageOf, type Usage } from './usage.ts'
