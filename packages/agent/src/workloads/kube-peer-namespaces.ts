/** One namespace per peer, in which everything of that peer runs, and the agent's rights there. */
import {
  Annotation,
  Label,
  peerNamespace,
  PorpulsionError,
  shortFingerprint,
} from '@porpulsion/contract'
import {
  isNotFound,
  LimitRange,
  Namespace,
  NetworkPolicy,
  PersistentVolumeClaim,
  ResourceQuota,
  RoleBinding,
  ServiceAccount,
  type KubeClient,
  type Stored,
} from '@porpulsion/kube'
import type { PeerRules } from '../policy/index.ts'
import { isRetained } from './kube-app-claims.ts'
import { GUARD_NAME, peerGuards } from './kube-peer-guards.ts'

export interface HostingOptions {
  /** `precreated`: the owner of the cluster makes the namespaces of peers, the agent never does. */
  readonly namespaces: 'managed' | 'precreated'
  /** What the agent binds to itself in the namespace of a peer; without, it has its rights everywhere. */
  readonly rights?: HostRights
}

export interface HostRights {
  readonly clusterRole: string
  readonly serviceAccount: { readonly namespace: string; readonly name: string }
}

/** What Kubernetes is to enforce in the namespace of a peer. */
export interface Guarding {
  readonly rulesOf: (fingerprint: string) => PeerRules
  /** The agent's own: from there the traffic of tunnels comes. */
  readonly agentNamespace: string
}

const BINDING_NAME = 'porpulsion-agent'

export class KubePeerNamespaces {
  readonly #client: KubeClient
  readonly #options: HostingOptions
  readonly #guarding: Guarding
  /** By fingerprint: there, of this very peer, and with our rights in it. */
  readonly #ready = new Set<string>()

  constructor(client: KubeClient, options: HostingOptions, guarding: Guarding) {
    this.#client = client
    this.#options = options
    this.#guarding = guarding
  }

  /** The namespace of this peer, made if need be. */
  async ensure(fingerprint: string, signal: AbortSignal): Promise<string> {
    const name = peerNamespace(fingerprint)
    if (this.#ready.has(fingerprint)) return name
    const existing = await this.#client.find(Namespace, { name }, { signal })
    if (existing !== undefined) assertOwn(existing, fingerprint)
    if (this.#options.namespaces === 'managed') await this.#make(name, fingerprint, signal)
    else if (existing === undefined) throw notCreated(name)
    await this.#guard(name, fingerprint, signal)
    this.#ready.add(fingerprint)
    return name
  }

  /** Once more, because the rules changed or somebody may have: nothing is made for a peer that has no namespace. */
  async guardIfThere(fingerprint: string, signal: AbortSignal): Promise<void> {
    const name = peerNamespace(fingerprint)
    const existing = await this.#client.find(Namespace, { name }, { signal })
    if (existing === undefined || existing.metadata.deletionTimestamp !== undefined) return
    this.#ready.delete(fingerprint)
    await this.ensure(fingerprint, signal)
  }

  /** What was made for this peer may be gone: its namespace is looked at again before the next app. */
  forget(fingerprint: string): void {
    this.#ready.delete(fingerprint)
  }

  /** Whether there is one, of this very peer; with our rights in it, so that it can be looked into. */
  async exists(fingerprint: string, signal: AbortSignal): Promise<boolean> {
    if (this.#ready.has(fingerprint)) return true
    const name = peerNamespace(fingerprint)
    const existing = await this.#client.find(Namespace, { name }, { signal })
    if (existing === undefined) return false
    assertOwn(existing, fingerprint)
    if (existing.metadata.deletionTimestamp === undefined) await this.ensure(fingerprint, signal)
    return true
  }

  /** Everything in it goes with it. Not done where it is not ours to delete, or where claims of the peer are to stay. */
  async remove(fingerprint: string, signal: AbortSignal): Promise<'removed' | 'kept'> {
    const name = peerNamespace(fingerprint)
    if (this.#options.namespaces === 'precreated') return 'kept'
    const claims = await this.#client.list(PersistentVolumeClaim, { namespace: name, signal })
    if (claims.items.some(isRetained)) return 'kept'
    this.#ready.delete(fingerprint)
    try {
      await this.#client.delete(Namespace, { name }, { propagationPolicy: 'Background', signal })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
    return 'removed'
  }

  async #make(name: string, fingerprint: string, signal: AbortSignal): Promise<void> {
    await this.#client.apply(
      Namespace,
      {
        metadata: {
          name,
          labels: {
            'app.kubernetes.io/managed-by': 'porpulsion',
            [Label.Peer]: shortFingerprint(fingerprint),
            'pod-security.kubernetes.io/enforce':
              this.#guarding.rulesOf(fingerprint).pods.securityLevel,
          },
          annotations: { [Annotation.PeerFingerprint]: fingerprint },
        },
      },
      { signal },
    )
    const { rights } = this.#options
    if (rights === undefined) return
    await this.#client.apply(
      RoleBinding,
      {
        metadata: {
          name: BINDING_NAME,
          namespace: name,
          labels: { 'app.kubernetes.io/managed-by': 'porpulsion' },
        },
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'ClusterRole',
          name: rights.clusterRole,
        },
        subjects: [{ kind: 'ServiceAccount', ...rights.serviceAccount }],
      },
      { signal },
    )
  }

  async #guard(namespace: string, fingerprint: string, signal: AbortSignal): Promise<void> {
    const { rulesOf, agentNamespace } = this.#guarding
    const guards = peerGuards(rulesOf(fingerprint), { namespace, agentNamespace })
    const { serviceAccount, quota, limitRange, networkPolicy } = guards
    await this.#client.apply(ServiceAccount, serviceAccount, { signal })
    await this.#client.apply(NetworkPolicy, networkPolicy, { signal })
    await this.#client.apply(ResourceQuota, quota, { signal })
    if (limitRange !== undefined) await this.#client.apply(LimitRange, limitRange, { signal })
    else await this.#removeLimitRange(namespace, signal)
  }

  async #removeLimitRange(namespace: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#client.delete(LimitRange, { namespace, name: GUARD_NAME }, { signal })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
}

/**
 * Its name has only the beginning of the fingerprint, and a peer could search for a key whose fingerprint begins like
 * another's.
 */
function assertOwn({ metadata }: Stored<Namespace>, fingerprint: string): void {
  const owner = metadata.annotations?.[Annotation.PeerFingerprint]
  if (owner !== undefined && owner !== fingerprint)
    throw new PorpulsionError(
      'FailedPrecondition',
      'ClusterRefused',
      `Namespace ${metadata.name} belongs to another peer whose fingerprint begins alike`,
    )
}

const notCreated = (name: string): PorpulsionError =>
  new PorpulsionError(
    'FailedPrecondition',
    'NamespaceMissing',
    `The owner of this cluster makes the namespaces of peers, and has not made ${name} yet`,
  )
