/**
 * The seams between the API server and what runs the workloads: the API server calls `NodeRuntime` for logs, the
 * controllers and the runtime get `WorkloadDeps`. `cluster.ts` joins the two: it calls
 * `startControllers: StartControllers` of `controllers/index.ts` and `startRuntime: StartRuntime` of
 * `runtime/index.ts`, whose own options it passes through untouched.
 */
import type { Duplex, Readable, Writable } from 'node:stream'
import type { Pod } from 'kubernetes-types/core/v1.js'
import type { Registry, Stored } from './registry.ts'

/** Real time, or a test's. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Runs `callback` once after `delayMs`; the result cancels. */
  setTimeout(callback: () => void, delayMs: number): () => void
}

/** The part of pino that is used here. */
export interface Logger {
  debug(facts: object, message: string): void
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}

export interface PodLogOptions {
  /** Left out: the only container (or the one the annotation `kubectl.kubernetes.io/default-container` names). */
  readonly container?: string
  readonly follow: boolean
  /** The run before the last restart. */
  readonly previous: boolean
  readonly timestamps: boolean
  readonly tailLines?: number
  /** Milliseconds since the epoch; from `sinceTime` or `sinceSeconds`. */
  readonly sinceMs?: number
  readonly limitBytes?: number
}

export interface PodLogSource {
  /**
   * Resolves when it is known that there are logs to give, so that a refusal (no such container, container not yet
   * started, no previous run) is an `ApiError` and an HTTP status rather than a broken stream.
   */
  openLogs(
    pod: Stored<Pod>,
    options: PodLogOptions,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>>
}

export interface PodExecOptions {
  /** Left out: as for logs. */
  readonly container?: string
  readonly command: readonly string[]
  /** Whether the command gets an input at all; one that reads without ends at once. */
  readonly stdin: boolean
  /** On a terminal of its own: then stdout carries stderr, too. */
  readonly tty: boolean
}

/** How a command ended; `failed`: it was never there to end. */
export type CommandEnd =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'failed'; readonly message: string }

/** A command that runs beside a container, or the container's own. Its output has to be read, or it is held up. */
export interface CommandSession {
  readonly stdin?: Writable
  readonly stdout: Readable
  /** Absent with a terminal. */
  readonly stderr?: Readable
  /** Resolves once it has ended, with all that it started; never rejects. What it wrote may still have to be read. */
  readonly ended: Promise<CommandEnd>
  /** Without effect if there is no terminal. */
  resize(size: TerminalSize): void
  /** SIGKILL, to all that it started, too. Idempotent. */
  kill(): void
}

export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

export interface PodExecutor {
  /**
   * Resolves when it is known that the command may run, so that a refusal is an `ApiError` and an HTTP status; what
   * it resolves to starts the command. The command does not outlive the run of the container beside which it runs.
   */
  openExec(pod: Stored<Pod>, options: PodExecOptions): Promise<() => Promise<CommandSession>>
}

export interface PodAttachOptions {
  /** Left out: as for logs. */
  readonly container?: string
}

export interface PodAttacher {
  /**
   * As for `openExec`, but the command is the container's own: what it resolves to gives what is written from then on,
   * with an input if the container has one. To `kill` the session is to leave: the container goes on.
   */
  openAttach(pod: Stored<Pod>, options: PodAttachOptions): Promise<() => Promise<CommandSession>>
}

export interface PodDialer {
  /** A connection to a port of a running pod, for port-forward. */
  dialPort(pod: Stored<Pod>, port: number, signal: AbortSignal): Promise<Duplex>
}

export interface Stoppable {
  /** Idempotent; waits for work in hand. */
  stop(): Promise<void>
}

export interface Usage {
  readonly cpuCores: number
  readonly memoryBytes: number
}

/** What was used over a short while until now. */
export interface UsageReading {
  readonly atMs: number
  readonly windowMs: number
  readonly node: Usage
  /** By `containerUsageKey`; what does not run has none. */
  readonly containers: ReadonlyMap<string, Usage>
}

export function containerUsageKey(podUid: string, container: string): string {
  return `${podUid}/${container}`
}

export interface PodUsageSource {
  /** The first to ask for long waits a second; until nobody has asked for a minute, all others have their answer at once. */
  readUsage(): Promise<UsageReading>
}

/** What the API server asks of a node about its pods. */
export interface PodAccess
  extends PodLogSource, PodExecutor, PodAttacher, PodDialer, PodUsageSource {}

/** The node: runs pods, and gives access to them. */
export interface NodeRuntime extends PodAccess, Stoppable {}

/** The directories behind persistent volumes, by volume handle. */
export interface VolumeDirectories {
  /** Makes the directory, unless it is there. */
  create(handle: string): Promise<void>
  /** With all that is in it; one that is not there is as good as removed. */
  remove(handle: string): Promise<void>
  /** Undefined if there is none. */
  find(handle: string): string | undefined
}

export interface WorkloadDeps {
  readonly registry: Registry
  readonly clock: Clock
  readonly logger: Logger
  readonly volumes: VolumeDirectories
}

export interface WorkloadOptions {
  readonly clusterName: string
  readonly nodeName: string
  /** Where the runtime keeps logs and what it needs to adopt pods after a restart; absent: nothing is kept. */
  readonly dir?: string
}

export type StartControllers = (deps: WorkloadDeps) => Promise<Stoppable>

export type StartRuntime = (deps: WorkloadDeps, options: WorkloadOptions) => Promise<NodeRuntime>
