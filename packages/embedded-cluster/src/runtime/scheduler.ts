/** Gives pods to the node, once their claims have volumes and as long as what they ask for fits. */
import type { Pod, PodCondition } from 'kubernetes-types/core/v1.js'
import type { EventRecorder } from '../events/event-recorder.ts'
import { Kinds } from '../registry/kinds.ts'
import { timestamp } from '../registry/metadata.ts'
import type { Clock, Logger } from '../registry/ports.ts'
import type { Registry, Stored } from '../registry/registry.ts'
import { isFinished, podAmount } from '../registry/pod-resources.ts'
import { parseQuantity } from '../registry/quantity.ts'
import { claimProblem } from './persistent-volumes.ts'

export interface SchedulerDeps {
  readonly registry: Registry
  readonly clock: Clock
  readonly logger: Logger
  readonly events: EventRecorder
}

export interface SchedulerOptions {
  readonly nodeName: string
  readonly nodeLabels: Readonly<Record<string, string>>
  readonly allocatable: Readonly<Record<string, string>>
}

type Amounts = Readonly<Record<'cpu' | 'memory', number>>

export class Scheduler {
  readonly #deps: SchedulerDeps
  readonly #options: SchedulerOptions
  #isStopped = false
  /** One pod after the other: each decision counts what the one before gave away. */
  #work: Promise<void> = Promise.resolve()
  #isWaiting = false

  constructor(deps: SchedulerDeps, options: SchedulerOptions) {
    this.#deps = deps
    this.#options = options
  }

  /** A pod or a claim came, changed or went: some pod that waits may be placed now. */
  notify(): void {
    if (this.#isWaiting || this.#isStopped) return
    this.#isWaiting = true
    this.#work = this.#work
      .then(() => {
        this.#isWaiting = false
        return this.#scheduleAll()
      })
      .catch((err: unknown) => this.#deps.logger.error({ err }, 'Pods could not be scheduled'))
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#work
  }

  async #scheduleAll(): Promise<void> {
    const { items } = this.#deps.registry.list(Kinds.Pod)
    const free = this.#free(items)
    for (const pod of items.filter(isPending)) {
      const problem = this.#problem(pod, free)
      if (problem === undefined) {
        await this.#bind(pod)
        take(free, requestsOf(pod))
      } else await this.#postpone(pod, problem)
    }
  }

  #free(pods: readonly Stored<Pod>[]): { cpu: number; memory: number } {
    const { allocatable } = this.#options
    const free = {
      cpu: parseQuantity(allocatable['cpu']) ?? 0,
      memory: parseQuantity(allocatable['memory']) ?? 0,
    }
    for (const pod of pods) if (isPlaced(pod)) take(free, requestsOf(pod))
    return free
  }

  #problem(pod: Stored<Pod>, free: Amounts): string | undefined {
    const { nodeLabels } = this.#options
    const selector = Object.entries(pod.spec?.nodeSelector ?? {})
    if (selector.some(([key, value]) => nodeLabels[key] !== value)) {
      return "1 node(s) didn't match Pod's node affinity/selector"
    }
    const lack = claimProblem(this.#deps.registry, pod)
    if (lack !== undefined) return lack
    const wanted = requestsOf(pod)
    const short = (['cpu', 'memory'] as const).filter(
      (name) => wanted[name] > 0 && wanted[name] > free[name],
    )
    return short.length === 0 ? undefined : short.map((name) => `1 Insufficient ${name}`).join(', ')
  }

  async #bind(pod: Stored<Pod>): Promise<void> {
    const { registry, events } = this.#deps
    const { nodeName } = this.#options
    const bound = await registry.modify(
      Kinds.Pod,
      { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name },
      ({ metadata, spec }) => {
        if (metadata.uid !== pod.metadata.uid || spec === undefined || spec.nodeName) return false
        spec.nodeName = nodeName
        return true
      },
      { fieldManager: 'scheduler' },
    )
    if (bound?.spec?.nodeName !== nodeName) return
    const message = `Successfully assigned ${pod.metadata.namespace ?? ''}/${pod.metadata.name} to ${nodeName}`
    events.record(bound, { type: 'Normal', reason: 'Scheduled', message })
  }

  async #postpone(pod: Stored<Pod>, problem: string): Promise<void> {
    const message = `0/1 nodes are available: ${problem}.`
    const before = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')
    if (before?.message === message) return
    const lastTransitionTime =
      before?.status === 'False' && before.lastTransitionTime !== undefined
        ? before.lastTransitionTime
        : timestamp(this.#deps.clock.now())
    const condition: PodCondition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
      lastTransitionTime,
    }
    await this.#deps.registry.modify(
      Kinds.Pod,
      { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name },
      (draft) => {
        const others = (draft.status?.conditions ?? []).filter(
          ({ type }) => type !== 'PodScheduled',
        )
        return Object.assign(draft, {
          status: { ...draft.status, conditions: [...others, condition] },
        })
      },
      { subresource: 'status', fieldManager: 'scheduler' },
    )
    this.#deps.events.record(pod, { type: 'Warning', reason: 'FailedScheduling', message })
  }
}

function isPending({ metadata, spec }: Stored<Pod>): boolean {
  const isOurs = (spec?.schedulerName ?? 'default-scheduler') === 'default-scheduler'
  return !spec?.nodeName && metadata.deletionTimestamp === undefined && isOurs
}

function isPlaced(pod: Stored<Pod>): boolean {
  return Boolean(pod.spec?.nodeName) && !isFinished(pod)
}

function requestsOf(pod: Pod): Amounts {
  return { cpu: podAmount(pod, 'requests', 'cpu'), memory: podAmount(pod, 'requests', 'memory') }
}

function take(free: { cpu: number; memory: number }, amounts: Amounts): void {
  free.cpu -= amounts.cpu
  free.memory -= amounts.memory
}
