/**
 * The owner's rules as Kubernetes enforces them beside us, in the namespace of one peer: a second lock, for the day the
 * first is picked. A pure function of the rules.
 */
import type { LimitRange, NetworkPolicy, ResourceQuota, ServiceAccount } from '@porpulsion/kube'
import type { Applied } from '@porpulsion/kube'
import { isAtMost, type PeerRules } from '../policy/index.ts'

export interface PeerGuards {
  readonly serviceAccount: Applied<ServiceAccount>
  readonly quota: Applied<ResourceQuota>
  /** Undefined where there is nothing to limit. */
  readonly limitRange: Applied<LimitRange> | undefined
  readonly networkPolicy: Applied<NetworkPolicy>
}

/** All guards of a namespace have this name. */
export const GUARD_NAME = 'porpulsion'
/** What pods of peers run as; it has no token and no rights. */
export const APP_SERVICE_ACCOUNT = 'porpulsion-app'

export function peerGuards(
  rules: PeerRules,
  { namespace, agentNamespace }: { readonly namespace: string; readonly agentNamespace: string },
): PeerGuards {
  const metadata = (name: string) => ({
    name,
    namespace,
    labels: { 'app.kubernetes.io/managed-by': 'porpulsion' },
  })
  const limits = limitsOf(rules)
  return {
    serviceAccount: {
      metadata: metadata(APP_SERVICE_ACCOUNT),
      automountServiceAccountToken: false,
    },
    quota: { metadata: metadata(GUARD_NAME), spec: { hard: quotaOf(rules) } },
    limitRange:
      limits.length === 0 ? undefined : { metadata: metadata(GUARD_NAME), spec: { limits } },
    networkPolicy: {
      metadata: metadata(GUARD_NAME),
      spec: {
        podSelector: {},
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ from: [...samePeer(rules), inNamespace(agentNamespace)] }],
        egress: [
          ...(rules.pods.allowSamePeer ? [{ to: samePeer(rules) }] : []),
          { to: dnsServers, ports: dnsPorts },
          { to: [...publicInternet, ...rules.pods.egressCIDRs.map(network)] },
        ],
      },
    },
  }
}

/** 0 and "" are no limit. Amounts are of limits: what is not limited could take everything. */
function quotaOf({ peerTotals, totals, storage }: PeerRules): Record<string, string> {
  const { apps, pods, cpu, memory } = peerTotals
  // Claims outlive their apps, so storage is what a peer could pile up: never beyond what all may have.
  const claims = smaller(peerTotals.storage, totals.storage)
  return {
    // A pod has no business with the addresses of nodes.
    'services.nodeports': '0',
    'services.loadbalancers': '0',
    ...(apps > 0 && { 'count/deployments.apps': String(apps) }),
    ...(pods > 0 && { pods: String(pods) }),
    ...(cpu !== '' && { 'limits.cpu': cpu }),
    ...(memory !== '' && { 'limits.memory': memory }),
    ...(claims !== '' && { 'requests.storage': claims }),
    ...(!storage.enabled && { persistentvolumeclaims: '0' }),
  }
}

function smaller(a: string, b: string): string {
  if (a === '' || b === '') return a === '' ? b : a
  return isAtMost(a, b) ? a : b
}

type Limit = NonNullable<LimitRange['spec']>['limits'][number]

function limitsOf({ resources, storage }: PeerRules): Limit[] {
  const { maxPerPod, defaults } = resources
  const named = (amounts: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(amounts).filter(([, amount]) => amount !== ''))
  const [limits, requests, most] = [defaults.limits, defaults.requests, maxPerPod].map(named)
  const has = (amounts: object | undefined): boolean => Object.keys(amounts ?? {}).length > 0
  return [
    ...(has(limits) || has(requests)
      ? [
          {
            type: 'Container',
            ...(has(limits) && { default: limits }),
            ...(has(requests) && { defaultRequest: requests }),
          },
        ]
      : []),
    ...(has(most) ? [{ type: 'Pod', max: most }] : []),
    ...(storage.maxPerClaim === ''
      ? []
      : [{ type: 'PersistentVolumeClaim', max: { storage: storage.maxPerClaim } }]),
  ] as Limit[] // absent members are left out above, which the inferred union does not show
}

type Peer = {
  podSelector?: object
  namespaceSelector?: object
  ipBlock?: { cidr: string; except?: string[] }
}

const samePeer = ({ pods }: PeerRules): Peer[] => (pods.allowSamePeer ? [{ podSelector: {} }] : [])

/** The agent, which brings the traffic of tunnels. */
const inNamespace = (name: string): Peer => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
})

const network = (cidr: string): Peer => ({ ipBlock: { cidr } })

/** Where clusters have it, and where a cache on each node listens. */
const dnsServers: Peer[] = [inNamespace('kube-system'), network('169.254.20.10/32')]
const dnsPorts = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
]

/**
 * What is not public, as IANA lists it: nodes, other pods, services, metadata of clouds; with the ranges that lead back
 * into IPv4, and the one public address at which a cloud answers its machines (Azure).
 */
const publicInternet: Peer[] = [
  {
    ipBlock: {
      cidr: '0.0.0.0/0',
      except: [
        '0.0.0.0/8',
        '10.0.0.0/8',
        '100.64.0.0/10',
        '127.0.0.0/8',
        '168.63.129.16/32',
        '169.254.0.0/16',
        '172.16.0.0/12',
        '192.0.0.0/24',
        '192.168.0.0/16',
        '198.18.0.0/15',
        '224.0.0.0/4',
        '240.0.0.0/4',
      ],
    },
  },
  {
    ipBlock: {
      cidr: '::/0',
      except: [
        '::/96',
        '64:ff9b::/96',
        '64:ff9b:1::/48',
        '2002::/16',
        'fc00::/7',
        'fe80::/10',
        'ff00::/8',
      ],
    },
  },
]
