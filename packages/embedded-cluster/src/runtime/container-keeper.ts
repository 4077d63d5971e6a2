import type { Container, ContainerStatus, Pod, Probe } from 'kubernetes-types/core/v1.js'
import type { EventText } from '../events/event-recorder.ts'
import type { Clock, CommandSession } from '../registry/ports.ts'
import type { Stored } from '../registry/registry.ts'
import { attachToRun } from './attach-to-run.ts'
import { ContainerConfigError, containerEnv } from './container-env.ts'
import { prepareLaunch, type PodContext } from './container-launch.ts'
import { ContainerProbes } from './container-probes.ts'
import type {
  CommandRequest,
  ContainerExit,
  ContainerLaunch,
  ContainerRun,
  ContainerRuntime,
  ExecResult,
  LaunchRefusal,
} from './container-runtime.ts'
import {
  containerId,
  fromApiExit,
  lostRun,
  toApiExit,
  toApiState,
  type ContainerState,
} from './container-status.ts'
import { lastLogLines } from './log-reader.ts'
import { RestartBackoff, type RestartBackoffOptions } from './restart-backoff.ts'

export interface ContainerKeeperDeps {
  readonly clock: Clock
  readonly runtime: ContainerRuntime
  readonly tell: (text: EventText) => void
  /** The container's state changed, or it is time for the next step: the pod is to be looked at. */
  readonly onChange: () => void
}

export interface ContainerKeeperOptions {
  readonly role: 'init' | 'main'
  readonly backoff: RestartBackoffOptions
}

/** The containers of one pod, by name. */
export type KeeperOf = (container: string) => ContainerKeeper | undefined

/** Something that is missing may turn up without an event that tells. */
const configRetryMs = 10_000

/** Keeps one container of one pod as its spec says: starts it, probes it, starts it again, and knows its status. */
export class ContainerKeeper {
  readonly #deps: ContainerKeeperDeps
  readonly #options: ContainerKeeperOptions
  readonly #restarts: RestartBackoff
  readonly #pulls: RestartBackoff
  #container: Container
  /** What the present run was started with. */
  #context: PodContext | undefined
  #state: ContainerState = { kind: 'waiting', reason: 'ContainerCreating' }
  /** Runs begun so far; the next one has this number. */
  #runs = 0
  #lastExit: ContainerExit | undefined
  #exitBefore: ContainerExit | undefined
  #imageId = ''
  /** Of the present run. */
  #probes: ContainerProbes | undefined
  #isLaunching = false
  #isStopping = false
  #retryAtMs = 0
  #cancelRetry = (): void => undefined

  constructor(container: Container, deps: ContainerKeeperDeps, options: ContainerKeeperOptions) {
    this.#container = container
    this.#deps = deps
    this.#options = options
    this.#restarts = new RestartBackoff(options.backoff)
    this.#pulls = new RestartBackoff(options.backoff)
  }

  get name(): string {
    return this.#container.name
  }

  get isRunning(): boolean {
    return this.#state.kind === 'running'
  }

  get isReady(): boolean {
    return this.#state.kind === 'running' && this.#probes?.isReady === true
  }

  /** How it ended, if it has and is not about to start again. */
  exitUnder(pod: Pod): ContainerExit | undefined {
    const exit = this.#state.kind === 'terminated' ? this.#state.exit : undefined
    return exit && !this.#startsAgain(exit, pod) ? exit : undefined
  }

  /** The number of the run whose log is the present one, or the one before it; negative if there is none. */
  loggedRun(isPrevious: boolean): number {
    return this.#runs - (this.#isLaunching ? 1 : 0) - (isPrevious ? 2 : 1)
  }

  /** Resolves once the present run has ended; at once if nothing runs. */
  get ended(): Promise<unknown> {
    return this.#state.kind === 'running' ? this.#state.run.exited : Promise.resolve()
  }

  /** Starts a command beside the present run, with its environment; it ends with the run. Undefined if nothing runs. */
  async openCommand(
    request: Pick<CommandRequest, 'command' | 'stdin' | 'tty'>,
  ): Promise<CommandSession | undefined> {
    if (this.#state.kind !== 'running' || this.#context === undefined) return undefined
    const { run } = this.#state
    const { pod, facts, sources } = this.#context
    const { workingDir } = this.#container
    const session = await this.#deps.runtime.openCommand(run, {
      ...request,
      env: containerEnv(this.#container, pod, facts, sources),
      ...(workingDir !== undefined && { workingDir }),
    })
    void run.exited.then(() => session.kill())
    return session
  }

  /** Joins the present run as an attached client. Undefined if nothing runs. */
  async attach(): Promise<CommandSession | undefined> {
    if (this.#state.kind !== 'running') return undefined
    return attachToRun(this.#deps.runtime, this.#state.run, this.#container)
  }

  get waitingMessage(): string | undefined {
    if (this.#state.kind !== 'waiting') return undefined
    const { reason, message } = this.#state
    return message === undefined ? reason : `${reason}: ${message}`
  }

  /** Takes up where an earlier cluster process left off. */
  recover({ pod, ...context }: PodContext, status: ContainerStatus | undefined): void {
    const earlier = this.#deps.runtime.recover(pod.metadata.uid, this.#container.name)
    const restarts = status?.restartCount ?? 0
    this.#lastExit = fromApiExit(status?.lastState, restarts - 1)
    // Only a crash loop goes on as one; what ran when the cluster was stopped has not failed.
    if (status?.state?.waiting?.reason === 'CrashLoopBackOff') this.#restarts.resume(restarts)
    this.#imageId = status?.imageID ?? ''
    if (earlier?.kind === 'running') {
      this.#runs = earlier.run.attempt + 1
      // A restart of the cluster is not a failure of the pod.
      const before = { isStarted: status?.started ?? false, isReady: status?.ready ?? false }
      this.#follow(earlier.run, { pod, ...context }, before)
    } else if (earlier?.kind === 'exited') {
      this.#runs = earlier.exit.attempt + 1
      this.#end(earlier.exit)
    } else if (status?.containerID !== undefined && status.containerID !== '') {
      this.#runs = restarts + 1
      this.#end(fromApiExit(status.state, restarts) ?? lostRun(restarts, this.#deps.clock.now()))
    }
  }

  /** The next step towards what the spec wants; none if it is there, or has to wait. */
  async advance(context: PodContext): Promise<void> {
    if (this.#isStopping) return
    this.#followSpec(context.pod)
    if (this.#state.kind === 'running') return
    if (this.#state.kind === 'terminated' && !this.#startsAgain(this.#state.exit, context.pod))
      return
    const waitMs = this.#retryAtMs - this.#deps.clock.now()
    if (waitMs <= 0) await this.#launch(context)
    else if (this.#state.kind === 'terminated') this.#backOff(context.pod, waitMs)
  }

  /** Ends the container for good; resolves once it is gone. */
  async stop(graceMs: number): Promise<void> {
    this.detach()
    if (this.#state.kind !== 'running') return
    this.#deps.tell(this.#event('Normal', 'Killing', `Stopping container ${this.#container.name}`))
    await this.kill(graceMs)
  }

  /** The same without a word: the cluster itself is ending. */
  async kill(graceMs: number): Promise<void> {
    if (this.#state.kind !== 'running') return
    const { run } = this.#state
    await this.#ended(run, await run.stop(graceMs))
  }

  /** Lets go: the container stays as it is, and nobody looks after it. */
  detach(): void {
    this.#isStopping = true
    this.#cancelRetry()
    this.#probes?.stop()
  }

  status(): ContainerStatus {
    const isTerminated = this.#state.kind === 'terminated'
    const last = isTerminated ? this.#exitBefore : this.#lastExit
    const id = this.#state.kind === 'running' ? this.#state.run.id : this.#lastExit?.id
    const isRunning = this.#state.kind === 'running'
    return {
      name: this.#container.name,
      image: this.#container.image ?? '',
      imageID: this.#imageId,
      ...(id !== undefined && { containerID: containerId(id) }),
      ready:
        this.#options.role === 'init'
          ? isTerminated && this.#lastExit?.exitCode === 0
          : this.isReady,
      started: isRunning && this.#probes?.isStarted === true,
      restartCount: Math.max(0, this.#runs - 1),
      state: toApiState(this.#state),
      lastState: last === undefined ? {} : { terminated: toApiExit(last) },
    }
  }

  /** Of a pod's containers only the image can change. */
  #followSpec({ spec }: Pod): void {
    const all = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]
    const wanted = all.find(({ name }) => name === this.name)
    if (wanted === undefined || wanted.image === this.#container.image) return
    this.#container = wanted
    this.#retryAtMs = 0
    if (this.#state.kind !== 'running') return
    this.#probes?.stop()
    this.#tell('Normal', 'Killing', `Container ${this.name} definition changed, will be restarted`)
    void this.#state.run.stop((spec?.terminationGracePeriodSeconds ?? 30) * 1000)
  }

  async #launch(context: PodContext): Promise<void> {
    const { image = '', command } = this.#container
    const verdict = this.#deps.runtime.judge({ image, ...(command && { command }) })
    if (verdict.kind === 'unable') {
      this.#refuse(verdict.refusal)
      return
    }
    const launch = this.#prepare(context)
    if (launch === undefined) return
    const { name } = this.#container
    this.#tell('Normal', 'Pulled', `Container image "${image}" already present on machine`)
    this.#imageId = containerId(verdict.image.reference)
    const run = await this.#start(launch)
    if (run === undefined) return
    this.#tell('Normal', 'Created', `Created container: ${name}`)
    this.#tell('Normal', 'Started', `Started container ${name}`)
    this.#deps.runtime.prune(launch)
    this.#follow(run, context, { isStarted: false, isReady: false })
  }

  /** Undefined if the machine cannot: no space, no process to be had, an argument that no program can be given. */
  async #start(launch: ContainerLaunch): Promise<ContainerRun | undefined> {
    this.#runs += 1
    this.#isLaunching = true
    try {
      return await this.#deps.runtime.start(launch)
    } catch (error) {
      this.#runs -= 1
      const message = error instanceof Error ? error.message : String(error)
      if (this.#wait('CreateContainerError', message))
        this.#tell('Warning', 'Failed', `Error: ${message}`)
      this.#retryIn(configRetryMs)
      return undefined
    } finally {
      this.#isLaunching = false
    }
  }

  /** Undefined, and a state that says why, if something is missing. */
  #prepare(context: PodContext): ContainerLaunch | undefined {
    try {
      return prepareLaunch(this.#container, context, this.#runs)
    } catch (error) {
      if (!(error instanceof ContainerConfigError)) throw error
      this.lack(error.message)
      return undefined
    }
  }

  /** The container cannot be made for want of something that its spec names. */
  lack(message: string): void {
    if (this.#state.kind === 'running') return
    if (this.#wait('CreateContainerConfigError', message))
      this.#tell('Warning', 'Failed', `Error: ${message}`)
    this.#cancelRetry()
    this.#cancelRetry = this.#deps.clock.setTimeout(this.#deps.onChange, configRetryMs)
  }

  #refuse({ reason, message }: LaunchRefusal): void {
    if (reason !== 'ErrImagePull') {
      if (this.#wait(reason, message)) this.#tell('Warning', 'Failed', `Error: ${message}`)
      return
    }
    const image = `image "${this.#container.image ?? ''}"`
    if (
      this.#state.kind === 'waiting' &&
      /^(ErrImagePull|ImagePullBackOff)$/.test(this.#state.reason)
    ) {
      this.#wait('ImagePullBackOff', `Back-off pulling ${image}: ErrImagePull: ${message}`)
      this.#tell('Normal', 'BackOff', `Back-off pulling ${image}`)
    } else {
      this.#wait('ErrImagePull', message)
      this.#tell('Warning', 'Failed', `Failed to pull ${image}: ${message}`)
      this.#tell('Warning', 'Failed', 'Error: ErrImagePull')
    }
    // The first repetition comes soon: it is the one that says that we back off.
    this.#retryIn(Math.max(this.#pulls.next(0), Math.min(1000, this.#options.backoff.baseMs)))
  }

  #follow(
    run: ContainerRun,
    context: PodContext,
    before: { readonly isStarted: boolean; readonly isReady: boolean },
  ): void {
    this.#state = { kind: 'running', run }
    this.#context = context
    void run.exited.then((exit) => this.#ended(run, exit))
    this.#probes = this.#probesOf(run, context, before)
    this.#probes.start()
    this.#deps.onChange()
  }

  async #ended(run: ContainerRun, exit: ContainerExit): Promise<void> {
    const explained = await this.#explain(run, exit)
    if (this.#state.kind === 'running' && this.#state.run === run) this.#end(explained)
  }

  #end(exit: ContainerExit): void {
    this.#probes?.stop()
    if (this.#lastExit?.id !== exit.id) this.#exitBefore = this.#lastExit
    this.#lastExit = exit
    this.#state = { kind: 'terminated', exit }
    this.#retryIn(this.#restarts.next(exit.finishedAtMs - exit.startedAtMs))
    this.#deps.onChange()
  }

  async #explain(run: ContainerRun, exit: ContainerExit): Promise<ContainerExit> {
    const wantsLog = this.#container.terminationMessagePolicy === 'FallbackToLogsOnError'
    const file = this.#deps.runtime.logFile(run)
    if (!wantsLog || exit.exitCode === 0 || exit.message !== undefined || file === undefined)
      return exit
    const message = await lastLogLines(file, { lines: 80, maxBytes: 2048 })
    return { ...exit, message }
  }

  #backOff(pod: Stored<Pod>, waitMs: number): void {
    const { name, namespace = '', uid } = pod.metadata
    const where = `${this.#container.name} pod=${name}_${namespace}(${uid})`
    const wait = formatWait(waitMs)
    this.#wait('CrashLoopBackOff', `back-off ${wait} restarting failed container=${where}`)
    this.#tell(
      'Warning',
      'BackOff',
      `Back-off restarting failed container ${this.#container.name} in pod ${name}_${namespace}(${uid})`,
    )
  }

  #startsAgain({ exitCode }: ContainerExit, { spec }: Pod): boolean {
    if (this.#options.role === 'init' && exitCode === 0) return false
    const policy = spec?.restartPolicy ?? 'Always'
    return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
  }

  #probesOf(
    run: ContainerRun,
    { pod, facts, sources }: PodContext,
    before: { readonly isStarted: boolean; readonly isReady: boolean },
  ): ContainerProbes {
    const container = this.#container
    const { clock, runtime, onChange } = this.#deps
    const exec = async (command: readonly string[], timeoutMs: number): Promise<ExecResult> => {
      const env = containerEnv(container, pod, facts, sources)
      return runtime.exec(run, { command, env, timeoutMs })
    }
    return new ContainerProbes(
      // An init container has nothing to be probed for.
      this.#options.role === 'init' ? { name: container.name } : container,
      {
        clock,
        target: { container, podIP: facts.podIP, exec },
        onChange,
        onFailure: (kind, message) => {
          const which = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`
          this.#tell('Warning', 'Unhealthy', `${which} probe failed: ${message}`)
        },
        onDead: (kind, probe) => this.#giveUp(run, pod, kind, probe),
      },
      before,
    )
  }

  /** Only ends it: what ended is started again, if the pod's restart policy wants that. */
  #giveUp(run: ContainerRun, { spec }: Pod, kind: string, probe: Probe): void {
    this.#tell(
      'Normal',
      'Killing',
      `Container ${this.name} failed ${kind} probe, will be restarted`,
    )
    const grace = probe.terminationGracePeriodSeconds ?? spec?.terminationGracePeriodSeconds ?? 30
    void run.stop(grace * 1000)
  }

  #retryIn(waitMs: number): void {
    this.#retryAtMs = this.#deps.clock.now() + waitMs
    this.#cancelRetry()
    if (!this.#isStopping)
      this.#cancelRetry = this.#deps.clock.setTimeout(this.#deps.onChange, waitMs)
  }

  /** False if that is what it said before. */
  #wait(reason: string, message: string): boolean {
    const before = this.#state
    this.#state = { kind: 'waiting', reason, message }
    return before.kind !== 'waiting' || before.reason !== reason || before.message !== message
  }

  #tell(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#deps.tell(this.#event(type, reason, message))
  }

  #event(type: 'Normal' | 'Warning', reason: string, message: string): EventText {
    const list = this.#options.role === 'init' ? 'initContainers' : 'containers'
    return { type, reason, message, fieldPath: `spec.${list}{${this.#container.name}}` }
  }
}

/** `10s`, `2m40s`: as kubectl users know it. */
function formatWait(waitMs: number): string {
  const seconds = Math.ceil(waitMs / 1000)
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}
