import {
  API_GROUP,
  API_VERSION,
  customResources,
  FINALIZER,
  Label,
  PorpulsionError,
} from '@porpulsion/contract'
import {
  controllerOf,
  Deployment,
  hasFinalizer,
  isNotFound,
  Pod,
  removeFinalizer,
  resourceKind,
  Service,
  type KubeClient,
  type KubeObject,
  type ResourceKind,
  type Stored,
} from '@porpulsion/kube'
import { sleep, type Clock } from '../observability/index.ts'

export interface RetireOptions {
  /** The agent's own: its Deployment, Peers and RemoteApps. */
  readonly namespace: string
  /** Of the agent, stopped first: it would put back what is taken off. Left out, none is there to stop. */
  readonly deployment?: string
}

export interface Retired {
  /** Objects that nothing holds back any more, as `3 RemoteApps`. */
  readonly released: readonly { readonly kind: string; readonly count: number }[]
  /** Services of exposed ports: they led to the agent. One that comes back makes them again. */
  readonly removedServices: number
}

const stopTimeoutMs = 120_000
const pollMs = 500

/**
 * The end of an agent that is uninstalled. Its peers and apps stay as they are, for an agent that comes back; but
 * whoever deletes one must not wait for an agent that is no more.
 */
export async function retireAgent(
  { client, clock }: { readonly client: KubeClient; readonly clock: Clock },
  { namespace, deployment }: RetireOptions,
  signal: AbortSignal,
): Promise<Retired> {
  if (deployment !== undefined)
    await stopDeployment({ client, clock }, { namespace, name: deployment }, signal)
  const released = []
  for (const { kind, plural } of customResources) {
    const resource = resourceKind<KubeObject>({
      group: API_GROUP,
      version: API_VERSION,
      plural,
      kind,
      namespaced: true,
    })
    // What runs for peers lies in namespaces of theirs.
    const where = kind === 'ExecutingApp' ? {} : { namespace }
    released.push({ kind, count: await release(client, resource, where, signal) })
  }
  return { released, removedServices: await removeLocalServices(client, namespace, signal) }
}

async function removeLocalServices(
  client: KubeClient,
  namespace: string,
  signal: AbortSignal,
): Promise<number> {
  const { items } = await client.list(Service, { namespace, labelSelector: Label.Exposes, signal })
  // Anybody may set the label; what belongs to an app is ours.
  const ours = items.filter((service) => controllerOf(service)?.kind === 'RemoteApp')
  for (const { metadata } of ours)
    try {
      await client.delete(Service, metadata, { uid: metadata.uid, signal })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  return ours.length
}

async function stopDeployment(
  { client, clock }: { readonly client: KubeClient; readonly clock: Clock },
  ref: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<void> {
  const found = await client.find(Deployment, ref, { signal })
  if (found === undefined) return
  const patch = { kind: 'merge' as const, body: { spec: { replicas: 0 } } }
  await client.patch(Deployment, ref, patch, { subresource: 'scale', signal })
  const labelSelector = found.spec?.selector.matchLabels ?? {}
  const until = clock.now() + stopTimeoutMs
  for (;;) {
    const { items } = await client.list(Pod, { namespace: ref.namespace, labelSelector, signal })
    if (items.length === 0) return
    if (clock.now() >= until)
      throw new PorpulsionError(
        'Timeout',
        'AgentStillRuns',
        `The agent was told to end and still runs as ${items.map(({ metadata }) => metadata.name).join(', ')}; look why its pods do not end, then try again`,
      )
    await sleep(clock, pollMs, signal)
  }
}

/** A cluster that does not know the kind has none of it. */
async function listed(
  client: KubeClient,
  kind: ResourceKind,
  where: { readonly namespace?: string },
  signal: AbortSignal,
): Promise<Stored<KubeObject>[]> {
  try {
    return (await client.list(kind, { ...where, signal })).items
  } catch (error) {
    if (isNotFound(error)) return []
    throw error
  }
}

async function release(
  client: KubeClient,
  kind: ResourceKind,
  where: { readonly namespace?: string },
  signal: AbortSignal,
): Promise<number> {
  const items = await listed(client, kind, where, signal)
  const held = items.filter((object) => hasFinalizer(object, FINALIZER))
  for (const object of held) await removeFinalizer(client, kind, object, FINALIZER, { signal })
  return held.length
}
