/**
 * The owner's rules, as pure functions: which apps of which peer may run here, and who may touch what. Reasons are
 * stable codes, messages name the rule, the limit and what was asked.
 *
 * Knows neither cluster nor link: it is handed settings and records, and answers.
 */
export { admit, refusals, type Refusal, type Submission } from './admission-rules.ts'
export { authorize, type Access, type AppRecord, type PeerVerb } from './authorize.ts'
export { normaliseImage } from './image-reference.ts'
export { policyRevision, rulesFor, type PeerRules } from './peer-rules.ts'
