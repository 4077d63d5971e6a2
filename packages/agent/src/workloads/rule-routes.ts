import {
  PorpulsionError,
  type FilledPeerSettings,
  type PeerRules as PeerRulesView,
  type SettingsDocument,
  type SettingsPreview,
  type Usage as UsageView,
  type Violation,
} from '@porpulsion/contract'
import type { ApiHandlers } from '../api/index.ts'
import { inboundRefusal, rulesFor, type PeerRules } from '../policy/index.ts'
import { previewOf } from '../settings/index.ts'
import type { HostedUsage } from './hosted-usage.ts'
import type { KubeHostedAppStore } from './kube-hosted-app-store.ts'
import type { Directory, SettingsInForce } from './neighbours.ts'
import { ofTotals } from './of-totals.ts'
import type { RuleViolations } from './rule-violations.ts'

export interface RuleRoutesDeps {
  readonly store: Pick<KubeHostedAppStore, 'assertSynced'>
  readonly peers: Directory
  readonly settings: Pick<SettingsInForce, 'current'>
  readonly usage: Pick<HostedUsage, 'besides'>
  readonly rulesOf: (fingerprint: string) => PeerRules
  readonly violations: Pick<RuleViolations, 'list'>
}

/** What the owner's rules come to: for one peer, of what is used, and of a document that is not in force yet. */
export function ruleHandlers(deps: RuleRoutesDeps): ApiHandlers {
  const { store, peers, settings } = deps
  return {
    getPeerRules: ({ params }) => {
      const name = params['name'] ?? ''
      if (peers.byName(name) === undefined) throw peerNotFound(name)
      return Promise.resolve(shownRules(name, rulesFor(settings.current(), name)))
    },
    getUsage: () => {
      store.assertSynced()
      return Promise.resolve(usageNow(deps))
    },
    previewSettings: ({ body }) => {
      store.assertSynced()
      return Promise.resolve(preview(deps, body))
    },
  }
}

function shownRules(name: string, rules: PeerRules): PeerRulesView {
  const refusal = inboundRefusal(name, rules)
  const { inbound, totals: _shared, peerTotals, tunnels, ...own } = rules
  return {
    accepted: refusal === undefined,
    ...(refusal !== undefined && { reason: refusal.message }),
    ...(tunnels.notListed && {
      tunnelsReason: `Tunnels are for listed peers only, and "${name}" is not listed (tunnels.allowPeers)`,
    }),
    rules: {
      ...own,
      inbound: { enabled: inbound.enabled },
      totals: peerTotals,
      tunnels: { mode: tunnels.mode, approvalTtlSeconds: tunnels.approvalTtlSeconds },
    } satisfies FilledPeerSettings,
  }
}

/** No app has this uid: what all take besides it is what all take. */
const NO_APP = ''

function usageNow({ peers, settings, usage, rulesOf }: RuleRoutesDeps): UsageView {
  return {
    all: ofTotals(usage.besides('', NO_APP).all, settings.current().totals),
    peers: peers.list().map(({ name, fingerprint }) => ({
      peer: name,
      ...ofTotals(usage.besides(fingerprint, NO_APP).peer, rulesOf(fingerprint).peerTotals),
    })),
  }
}

function preview(deps: RuleRoutesDeps, document: SettingsDocument): SettingsPreview {
  const { peers, settings, violations } = deps
  const { settings: next, changes } = previewOf(document, settings.current())
  const now = violations.list()
  if (changes.length === 0) return { changes: [], violations: now, noLonger: [] }
  const then = violations.list((fingerprint) =>
    rulesFor(next, peers.byFingerprint(fingerprint)?.name ?? ''),
  )
  const breaking = new Set(then.map(({ uid }: Violation) => uid))
  return {
    changes: [...changes],
    violations: then,
    noLonger: now.filter(({ uid }) => !breaking.has(uid)),
  }
}

const peerNotFound = (name: string): PorpulsionError =>
  new PorpulsionError(
    'NotFound',
    'PeerNotFound',
    `There is no peer "${name}" in force; see \`GET /api/peers\``,
  )
