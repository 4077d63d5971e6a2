/** Apps that run here though the rules, as they are now, would not admit them: listed, and stopped on the owner's word. */
import type { Violation } from '@porpulsion/contract'
import { createUsageLedger, refusals, usageOf, type PeerRules } from '../policy/index.ts'
import type { StoredExecutingApp } from './kube-app-kinds.ts'
import type { KubeAppRecords } from './kube-app-records.ts'
import { inCluster } from './kube-cluster-error.ts'
import { appKey, type KubeHostedAppStore } from './kube-hosted-app-store.ts'

export interface RuleViolationsDeps {
  readonly store: KubeHostedAppStore
  readonly records: Pick<KubeAppRecords, 'keepFromRunning' | 'onLatest'>
  readonly rulesOf: RulesOf
}

export type RulesOf = (fingerprint: string) => PeerRules

export interface RuleViolations {
  /** By the rules in force, or by others. */
  list(rules?: RulesOf): Violation[]
  /** Those of these records that break a rule, or all that do. What was stopped. */
  stop(uids: readonly string[] | undefined, by: string, signal: AbortSignal): Promise<Violation[]>
}

interface Found {
  readonly record: StoredExecutingApp
  readonly violation: Violation
}

export function createRuleViolations({
  store,
  records,
  rulesOf,
}: RuleViolationsDeps): RuleViolations {
  /** In the order they came: where a total is exceeded, those that came last are over it. */
  function find(rulesNow = rulesOf): Found[] {
    const ledger = createUsageLedger()
    const rulesByPeer = oncePerPeer(rulesNow)
    return store.records
      .list()
      .filter(
        ({ metadata, spec }) => spec.hold === undefined && metadata.deletionTimestamp === undefined,
      )
      .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
      .flatMap((record) => {
        const { peer, submitter, app } = record.spec
        const rules = rulesByPeer(peer.fingerprint)
        const key = appKey(peer.fingerprint, submitter.uid)
        const others = ledger.besides(key, peer.fingerprint)
        const objections = refusals({ peerName: peer.name, spec: app, others }, rules)
        if (objections.length > 0)
          return [{ record, violation: violationOf(record, [...objections]) }]
        ledger.set(key, peer.fingerprint, usageOf(app, rules.resources.defaults))
        return []
      })
  }

  return {
    list: (rules) => find(rules).map(({ violation }) => violation),

    async stop(uids, by, signal) {
      const doomed = find().filter(
        ({ record }) => uids === undefined || uids.includes(record.metadata.uid),
      )
      for (const { record, violation } of doomed) {
        const [first] = violation.objections
        const hold = {
          state: 'Stopped' as const,
          by,
          ...(first && { reason: first.reason, note: first.message }),
        }
        await inCluster(`app "${violation.app}"`, () =>
          records.onLatest(
            record,
            (latest) => records.keepFromRunning(latest, hold, signal),
            signal,
          ),
        )
      }
      return doomed.map(({ violation }) => violation)
    },
  }
}

/** Working in a peer's overrides costs more than many a rule. */
function oncePerPeer(rulesOf: RulesOf): RulesOf {
  const known = new Map<string, PeerRules>()
  return (fingerprint) => {
    const rules = known.get(fingerprint) ?? rulesOf(fingerprint)
    known.set(fingerprint, rules)
    return rules
  }
}

function violationOf(
  { metadata, spec }: StoredExecutingApp,
  objections: Violation['objections'],
): Violation {
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid,
    peer: spec.peer.name,
    app: spec.submitter.name,
    objections,
  }
}

const sortKey = ({ metadata }: StoredExecutingApp): string =>
  `${metadata.creationTimestamp} ${metadata.namespace ?? ''}/${metadata.name}`
