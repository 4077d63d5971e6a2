import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Pod } from 'kubernetes-types/core/v1.js'
import type { EventRecorder } from '../events/event-recorder.ts'
import { isReason } from '../registry/api-error.ts'
import { Kinds } from '../registry/kinds.ts'
import type { Clock, Logger, VolumeDirectories } from '../registry/ports.ts'
import type { Registry, Stored } from '../registry/registry.ts'
import type { PodFacts } from './container-env.ts'
import { ContainerKeeper } from './container-keeper.ts'
import type { PodContext } from './container-launch.ts'
import type { ContainerRuntime } from './container-runtime.ts'
import type { PodAddresses } from './pod-address.ts'
import { claimedDirectory } from './persistent-volumes.ts'
import { podStatus, type PodObservation } from './pod-status.ts'
import type { RestartBackoffOptions } from './restart-backoff.ts'
import { type VolumeSources, writeVolumes } from './volumes.ts'

export interface PodWorkerDeps {
  readonly registry: Registry
  readonly clock: Clock
  readonly logger: Logger
  readonly runtime: ContainerRuntime
  readonly addresses: PodAddresses
  readonly volumes: VolumeDirectories
  readonly events: EventRecorder
}

export interface PodWorkerOptions {
  readonly node: Omit<PodFacts, 'podIP'>
  readonly backoff: RestartBackoffOptions
  /** Nothing is left of the pod. */
  readonly onGone: () => void
}

/** After a failure that nobody expected, a write that was refused for instance. */
const retryMs = 1_000
const defaultGraceSeconds = 30

/** Brings one pod to where its spec wants it, and its status to where it is; one step at a time, from the present state. */
export class PodWorker {
  readonly #deps: PodWorkerDeps
  readonly #options: PodWorkerOptions
  readonly #key: { readonly namespace: string; readonly name: string }
  readonly #uid: string
  readonly #facts: PodFacts
  readonly #initContainers: readonly ContainerKeeper[]
  readonly #containers: readonly ContainerKeeper[]
  /** The pod as last seen; it stays known when it was removed by force. */
  #pod: Stored<Pod>
  #syncing: Promise<void> | undefined
  #isDirty = false
  #isStopped = false
  #isGone = false
  #cancelRetry = (): void => undefined

  constructor(pod: Stored<Pod>, deps: PodWorkerDeps, options: PodWorkerOptions) {
    this.#deps = deps
    this.#options = options
    this.#pod = pod
    this.#uid = pod.metadata.uid
    this.#key = { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name }
    this.#facts = { ...options.node, podIP: this.#address() }
    const keepers = (role: 'init' | 'main') =>
      (pod.spec?.[role === 'init' ? 'initContainers' : 'containers'] ?? []).map(
        (container) =>
          new ContainerKeeper(
            container,
            {
              clock: deps.clock,
              runtime: deps.runtime,
              tell: (text) => deps.events.record(this.#pod, text),
              onChange: () => this.notify(),
            },
            { role, backoff: options.backoff },
          ),
      )
    this.#initContainers = keepers('init')
    this.#containers = keepers('main')
    this.#recover()
  }

  get namespace(): string {
    return this.#key.namespace
  }

  container(name: string): ContainerKeeper | undefined {
    return this.#keepers.find((keeper) => keeper.name === name)
  }

  /** Something may have changed. Cheap; changes that come while one is dealt with are dealt with together. */
  notify(): void {
    this.#isDirty = true
    if (this.#syncing !== undefined || this.#isStopped) return
    this.#syncing = this.#syncWhileDirty().finally(() => (this.#syncing = undefined))
  }

  /** Stops looking after the pod, and waits for the step in hand. Its containers go on running. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancelRetry()
    for (const keeper of this.#keepers) keeper.detach()
    await this.#syncing
  }

  /** After `stop`: ends the containers. What became of them is found out at the next start. */
  async killContainers(maxGraceMs: number): Promise<void> {
    const graceMs = Math.min(maxGraceMs, graceMsOf(this.#pod))
    await Promise.all(this.#keepers.map((keeper) => keeper.kill(graceMs)))
  }

  get #keepers(): readonly ContainerKeeper[] {
    return [...this.#initContainers, ...this.#containers]
  }

  async #syncWhileDirty(): Promise<void> {
    // Not in the turn of the caller, which may be a watch handler.
    await Promise.resolve()
    while (this.#isDirty && !this.#isStopped && !this.#isGone) {
      this.#isDirty = false
      try {
        await this.#sync()
      } catch (err) {
        this.#deps.logger.error({ err, pod: this.#key }, 'Pod could not be brought forward')
        this.#cancelRetry()
        this.#cancelRetry = this.#deps.clock.setTimeout(() => this.notify(), retryMs)
      }
    }
  }

  async #sync(): Promise<void> {
    const pod = this.#deps.registry.get(Kinds.Pod, this.#key)
    if (pod?.metadata.uid !== this.#uid) return this.#remove()
    this.#pod = pod
    if (pod.metadata.deletionTimestamp !== undefined) return this.#terminate()
    if (isTerminal(pod)) return
    // The address is on disk before a process has it: whoever adopts the process knows where it listens.
    await this.#writeStatus()
    await this.#advance()
    await this.#writeStatus()
    if (isTerminal(this.#pod)) await this.#stopContainers()
  }

  async #advance(): Promise<void> {
    const context = this.#context()
    const pending = this.#initContainers.find(
      (keeper) => keeper.exitUnder(this.#pod)?.exitCode !== 0,
    )
    const next = pending === undefined ? this.#containers : [pending]
    try {
      mkdirSync(context.volumesDir, { recursive: true })
      writeVolumes(context.volumesDir, this.#pod, this.#facts, context.sources)
    } catch (error) {
      // Something it names is not there, or the machine cannot hold it.
      this.#lackVolume(error instanceof Error ? error.message : String(error), next)
      return
    }
    await Promise.all(next.map((keeper) => keeper.advance(context)))
  }

  #lackVolume(message: string, next: readonly ContainerKeeper[]): void {
    const isNews = next.some(
      (keeper) => !keeper.isRunning && keeper.waitingMessage?.includes(message) !== true,
    )
    if (isNews) {
      const text = {
        type: 'Warning',
        reason: 'FailedMount',
        message: `MountVolume.SetUp failed: ${message}`,
      } as const
      this.#deps.events.record(this.#pod, text)
    }
    for (const keeper of next) keeper.lack(message)
  }

  async #writeStatus(): Promise<void> {
    const seen = this.#observe()
    const written = await this.#deps.registry.modify(
      Kinds.Pod,
      this.#key,
      (draft) => {
        if (draft.metadata.uid !== this.#uid) return false
        return Object.assign(draft, { status: podStatus(draft, seen) })
      },
      { subresource: 'status', fieldManager: 'kubelet' },
    )
    if (written?.metadata.uid === this.#uid) this.#pod = written
  }

  #observe(): PodObservation {
    return {
      initContainers: this.#initContainers.map((keeper) => this.#statusOf(keeper)),
      containers: this.#containers.map((keeper) => this.#statusOf(keeper)),
      podIP: this.#facts.podIP,
      hostIP: this.#facts.hostIP,
      nowMs: this.#deps.clock.now(),
    }
  }

  /** Until its turn comes, a container of a pod with init containers is `PodInitializing`. */
  #statusOf(keeper: ContainerKeeper): ReturnType<ContainerKeeper['status']> {
    const status = keeper.status()
    const isUntouched = status.state?.waiting?.reason === 'ContainerCreating'
    return isUntouched && this.#initContainers.length > 0
      ? { ...status, state: { waiting: { reason: 'PodInitializing' } } }
      : status
  }

  async #terminate(): Promise<void> {
    const { deletionGracePeriodSeconds = defaultGraceSeconds } = this.#pod.metadata
    await this.#stopContainers(deletionGracePeriodSeconds * 1000)
    await this.#writeStatus()
    await this.#deps.runtime.removePod(this.#uid)
    try {
      const preconditions = { uid: this.#uid }
      await this.#deps.registry.delete(Kinds.Pod, this.#key, {
        gracePeriodSeconds: 0,
        preconditions,
      })
    } catch (error) {
      if (!isReason(error, 'NotFound', 'Conflict')) throw error
    }
    const left = this.#deps.registry.get(Kinds.Pod, this.#key)
    // Somebody's finalizer may hold the object; the pod itself is no more.
    if (left?.metadata.uid !== this.#uid || left.metadata.deletionGracePeriodSeconds === 0)
      this.#finish()
  }

  /** The object is gone, by force; what runs is not to outlive it. */
  async #remove(): Promise<void> {
    await this.#stopContainers(0)
    await this.#deps.runtime.removePod(this.#uid)
    this.#finish()
  }

  #finish(): void {
    this.#isGone = true
    this.#deps.addresses.release(this.#facts.podIP)
    this.#options.onGone()
  }

  async #stopContainers(graceMs = graceMsOf(this.#pod)): Promise<void> {
    await Promise.all(this.#keepers.map((keeper) => keeper.stop(graceMs)))
  }

  #address(): string {
    const { addresses } = this.#deps
    const known = this.#pod.status?.podIP
    if (known === undefined || known === '') return addresses.allocate()
    addresses.keep(known)
    return known
  }

  #recover(): void {
    const context = this.#context()
    const { initContainerStatuses = [], containerStatuses = [] } = this.#pod.status ?? {}
    const statuses = [...initContainerStatuses, ...containerStatuses]
    for (const keeper of this.#keepers) {
      keeper.recover(
        context,
        statuses.find(({ name }) => name === keeper.name),
      )
    }
  }

  #context(): PodContext {
    return {
      pod: this.#pod,
      facts: this.#facts,
      sources: this.#sources(),
      volumesDir: join(this.#deps.runtime.podDir(this.#uid), 'volumes'),
    }
  }

  #sources(): VolumeSources {
    const { registry, volumes } = this.#deps
    const { namespace } = this.#key
    return {
      configMap: (name) => registry.get(Kinds.ConfigMap, { namespace, name }),
      secret: (name) => registry.get(Kinds.Secret, { namespace, name }),
      claimedDirectory: (name) => claimedDirectory(registry, volumes, { namespace, name }),
    }
  }
}

function isTerminal(pod: Stored<Pod>): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

function graceMsOf({ spec }: Pod): number {
  return (spec?.terminationGracePeriodSeconds ?? defaultGraceSeconds) * 1000
}
