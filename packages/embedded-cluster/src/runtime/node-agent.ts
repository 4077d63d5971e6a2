import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import type { Pod } from 'kubernetes-types/core/v1.js'
import { EventRecorder } from '../events/event-recorder.ts'
import { ApiError } from '../registry/api-error.ts'
import { Kinds } from '../registry/kinds.ts'
import type {
  CommandSession,
  NodeRuntime,
  PodAttachOptions,
  PodExecOptions,
  PodLogOptions,
  UsageReading,
  WorkloadDeps,
  WorkloadOptions,
} from '../registry/ports.ts'
import type { StopWatch, Stored } from '../registry/registry.ts'
import type { KeeperOf } from './container-keeper.ts'
import { imageProgram } from './image-program.ts'
import { nodeAddress, nodeCapacity, nodeLabels, registerNode } from './node-registration.ts'
import { PodAddresses } from './pod-address.ts'
import { openPodAttach, openPodCommand } from './pod-commands.ts'
import { openPodLog } from './pod-logs.ts'
import { PodWorker } from './pod-worker.ts'
import { ProcessRuntime } from './process-runtime.ts'
import type { RestartBackoffOptions } from './restart-backoff.ts'
import { Scheduler } from './scheduler.ts'
import { machineUsage } from './process-usage.ts'
import { UsageSampler } from './usage-sampler.ts'

export interface RuntimeOptions extends WorkloadOptions {
  /** Whether pods may run any program of this machine, with the rights of this process; off by default. */
  readonly allowHostProcesses?: boolean
  /** Kubernetes waits 10 s, then twice as long each time, up to 5 min. */
  readonly restartBackoff?: RestartBackoffOptions
  /**
   * What an orderly stop does with the pods: `leave` them running for the next start to adopt, or `kill` them (they are
   * started again by the next start). Without a `dir` they are always killed: nobody could find them again.
   */
  readonly podsAtStop?: 'leave' | 'kill'
}

const kubernetesBackoff: RestartBackoffOptions = { baseMs: 10_000, maxMs: 300_000 }

/** At the end of the cluster, pods get their grace period, but not longer than this. */
const maxStopGraceMs = 5_000

/** Runs the pods of the cluster on this machine: the only node there is. */
export async function startRuntime(
  deps: WorkloadDeps,
  options: RuntimeOptions,
): Promise<NodeRuntime> {
  const program = await imageProgram()
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'porpulsion-pods-')))
  const { allowHostProcesses = false } = options
  const runtime = new ProcessRuntime({ clock: deps.clock }, { dir, program, allowHostProcesses })
  await registerNode(deps.registry, options.nodeName, deps.clock.now())
  const agent = new NodeAgent(deps, options, runtime, dir)
  await agent.start()
  return agent
}

class NodeAgent implements NodeRuntime {
  readonly #deps: WorkloadDeps
  readonly #options: RuntimeOptions
  readonly #runtime: ProcessRuntime
  readonly #dir: string
  readonly #scheduler: Scheduler
  readonly #events: EventRecorder
  readonly #addresses = new PodAddresses()
  readonly #usage: UsageSampler
  readonly #workers = new Map<string, PodWorker>()
  #stopWatches: readonly StopWatch[] = []
  #stopping: Promise<void> | undefined

  constructor(deps: WorkloadDeps, options: RuntimeOptions, runtime: ProcessRuntime, dir: string) {
    const { nodeName } = options
    this.#deps = deps
    this.#options = options
    this.#runtime = runtime
    this.#dir = dir
    this.#usage = new UsageSampler(deps.clock, () => ({
      node: machineUsage(),
      containers: runtime.usage(),
    }))
    this.#events = new EventRecorder(deps, { component: 'kubelet', host: nodeName })
    this.#scheduler = new Scheduler(
      { ...deps, events: new EventRecorder(deps, { component: 'default-scheduler' }) },
      { nodeName, nodeLabels: nodeLabels(nodeName), allocatable: nodeCapacity() },
    )
  }

  async start(): Promise<void> {
    const { registry } = this.#deps
    const pods = registry.list(Kinds.Pod).items.filter((pod) => this.#isOurs(pod))
    await this.#runtime.sweep(new Set(pods.map(({ metadata }) => metadata.uid)))
    this.#stopWatches = [
      registry.watch(Kinds.Pod, {}, ({ object }) => this.#podChanged(object)),
      registry.watch(Kinds.ConfigMap, {}, ({ object }) => this.#configChanged(object)),
      registry.watch(Kinds.Secret, {}, ({ object }) => this.#configChanged(object)),
      registry.watch(Kinds.PersistentVolumeClaim, {}, ({ object }) => {
        this.#scheduler.notify()
        this.#configChanged(object)
      }),
    ]
  }

  async openLogs(
    pod: Stored<Pod>,
    options: PodLogOptions,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    return Promise.resolve(openPodLog(this.#runtime, pod, this.#keepersOf(pod), options, signal))
  }

  openExec(pod: Stored<Pod>, options: PodExecOptions): Promise<() => Promise<CommandSession>> {
    return Promise.resolve(openPodCommand(this.#runtime, pod, this.#keepersOf(pod), options))
  }

  openAttach(pod: Stored<Pod>, options: PodAttachOptions): Promise<() => Promise<CommandSession>> {
    return Promise.resolve(openPodAttach(pod, this.#keepersOf(pod), options))
  }

  readUsage(): Promise<UsageReading> {
    return this.#usage.read()
  }

  dialPort(pod: Stored<Pod>, port: number, signal: AbortSignal): Promise<Duplex> {
    const host = pod.status?.podIP
    if (host === undefined) {
      return Promise.reject(
        new ApiError('BadRequest', `pod ${pod.metadata.name} does not have an address yet`),
      )
    }
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, signal, allowHalfOpen: true })
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(socket)
      })
      socket.once('error', reject)
    })
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    this.#usage.stop()
    for (const stopWatch of this.#stopWatches) stopWatch()
    await this.#scheduler.stop()
    const workers = [...this.#workers.values()]
    await Promise.all(workers.map((worker) => worker.stop()))
    const isTemporary = this.#options.dir === undefined
    if (isTemporary || this.#options.podsAtStop === 'kill') {
      await Promise.all(workers.map((worker) => worker.killContainers(maxStopGraceMs)))
    }
    await this.#events.flush()
    this.#runtime.close()
    if (isTemporary) await rm(this.#dir, { recursive: true, force: true, maxRetries: 3 })
  }

  #keepersOf({ metadata: { uid } }: Stored<Pod>): KeeperOf {
    const worker = this.#workers.get(uid)
    return (container) => worker?.container(container)
  }

  #isOurs({ spec }: Stored<Pod>): boolean {
    return spec?.nodeName === this.#options.nodeName
  }

  #podChanged(pod: Stored<Pod>): void {
    this.#scheduler.notify()
    if (!this.#isOurs(pod)) return
    const { uid } = pod.metadata
    const worker = this.#workers.get(uid) ?? this.#newWorker(pod)
    worker?.notify()
  }

  #newWorker(pod: Stored<Pod>): PodWorker | undefined {
    const { name, namespace = '', uid } = pod.metadata
    // The event of a deletion comes after the worker has finished.
    if (this.#deps.registry.get(Kinds.Pod, { namespace, name })?.metadata.uid !== uid)
      return undefined
    const { nodeName, restartBackoff = kubernetesBackoff } = this.#options
    const worker = new PodWorker(
      pod,
      { ...this.#deps, runtime: this.#runtime, addresses: this.#addresses, events: this.#events },
      {
        node: { hostIP: nodeAddress, nodeName, allocatable: nodeCapacity() },
        backoff: restartBackoff,
        onGone: () => this.#workers.delete(uid),
      },
    )
    this.#workers.set(uid, worker)
    return worker
  }

  #configChanged({ metadata: { namespace } }: Stored): void {
    for (const worker of this.#workers.values()) if (worker.namespace === namespace) worker.notify()
  }
}
