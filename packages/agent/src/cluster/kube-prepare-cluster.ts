import { customResourceDefinitions, PorpulsionError } from '@porpulsion/contract'
import {
  backoffMs,
  CustomResourceDefinition,
  isAlreadyExists,
  isConditionTrue,
  isForbidden,
  isUnauthorized,
  Namespace,
  type Applied,
  type KubeClient,
} from '@porpulsion/kube'
import { sleep, type Clock, type Logger, type Random } from '../observability/index.ts'

export interface PrepareDeps {
  readonly client: KubeClient
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

export interface PrepareOptions {
  readonly namespace: string
  /** In a cluster the chart installs them, and the agent has no right to. */
  readonly installDefinitions: boolean
}

const retry = { minMs: 200, maxMs: 5_000 } as const
const establishPollMs = 50

/**
 * Resolves once the agent's namespace and our resource definitions are there. A cluster that is away is waited for; one
 * that refuses us is not, because waiting would not help.
 */
export async function prepareCluster(
  deps: PrepareDeps,
  options: PrepareOptions,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await ensureNamespace(deps.client, options, signal)
      await ensureDefinitions(deps, options, signal)
      return
    } catch (err) {
      signal.throwIfAborted()
      if (isUnauthorized(err) || isForbidden(err)) throw refused(err)
      const delayMs = backoffMs(attempt, retry, deps.random)
      deps.logger.warn({ err, attempt, delayMs }, 'Waiting for the API server')
      await sleep(deps.clock, delayMs, signal)
    }
  }
}

async function ensureNamespace(
  client: KubeClient,
  { namespace, installDefinitions }: PrepareOptions,
  signal: AbortSignal,
): Promise<void> {
  if ((await client.find(Namespace, { name: namespace }, { signal })) !== undefined) return
  if (!installDefinitions) throw new Error(`Namespace ${namespace} does not exist`)
  try {
    await client.create(Namespace, { metadata: { name: namespace } }, { signal })
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
}

async function ensureDefinitions(
  { client, clock }: PrepareDeps,
  { installDefinitions }: PrepareOptions,
  signal: AbortSignal,
): Promise<void> {
  for (const definition of customResourceDefinitions()) {
    if (installDefinitions) {
      // The contract writes the same shape in looser types; a test holds it to what a server accepts.
      const applied = definition as unknown as Applied<CustomResourceDefinition>
      await client.apply(CustomResourceDefinition, applied, { signal, force: true })
    }
    const ref = { name: definition.metadata.name }
    for (;;) {
      const found = await client.get(CustomResourceDefinition, ref, { signal })
      if (isConditionTrue(found.status?.conditions ?? [], 'Established')) break
      await sleep(clock, establishPollMs, signal)
    }
  }
}

const refused = (cause: unknown): PorpulsionError =>
  new PorpulsionError(
    'Forbidden',
    'ClusterRefused',
    `The API server refuses this agent: ${cause instanceof Error ? cause.message : String(cause)}. Check the kubeconfig's user, or the rights in charts/porpulsion`,
    { cause },
  )
