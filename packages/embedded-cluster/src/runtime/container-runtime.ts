/** The seam between what pods need and what runs them. The process runtime is one side of it. */
import type { CommandSession } from '../registry/ports.ts'
import type { ContainerInput } from './container-input.ts'
import type { ImageName } from './image-catalogue.ts'
import type { UsageTotal } from './usage-sampler.ts'

/** One run of one container; the attempt is the number of restarts before it. */
export interface RunKey {
  readonly podUid: string
  readonly container: string
  readonly attempt: number
}

export interface ContainerLaunch extends RunKey {
  readonly image: string
  /** Absent: the image's own program. */
  readonly command?: readonly string[]
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly workingDir?: string
  /** Whether clients that attach to it can write to the program. */
  readonly stdin: boolean
  /** On a terminal of its own. */
  readonly tty: boolean
  readonly mounts: readonly Mount[]
  /** Where the container may leave a word about its end. */
  readonly terminationMessagePath: string
}

/** What the pod shows at `path`: a file or directory of this machine. */
export interface Mount {
  readonly path: string
  readonly source: string
}

export interface ContainerRun extends RunKey {
  readonly id: string
  readonly startedAtMs: number
  /** Resolves once the process is gone; never rejects. */
  readonly exited: Promise<ContainerExit>
  /** SIGTERM, and SIGKILL once the grace is over; idempotent, a shorter grace wins. Resolves with the exit. */
  stop(graceMs: number): Promise<ContainerExit>
}

export interface ContainerExit {
  readonly id: string
  readonly attempt: number
  readonly exitCode: number
  readonly reason: string
  readonly message?: string
  readonly startedAtMs: number
  readonly finishedAtMs: number
}

/** What is known of a container from before this cluster process started. */
export type EarlierRun =
  | { readonly kind: 'running'; readonly run: ContainerRun }
  | { readonly kind: 'exited'; readonly exit: ContainerExit }

/** Why a container cannot be created, in the words of a container status. */
export interface LaunchRefusal {
  readonly reason:
    'ErrImagePull' | 'ErrImageNeverPull' | 'InvalidImageName' | 'CreateContainerError'
  readonly message: string
}

export type LaunchVerdict =
  | { readonly kind: 'able'; readonly image: ImageName }
  | { readonly kind: 'unable'; readonly refusal: LaunchRefusal }

export interface ContainerRuntime {
  /** Cheap and without effect: asked before anything of the pod is made. */
  judge(container: { image?: string; command?: readonly string[] }): LaunchVerdict
  /** Resolves once the container does its work, or has ended already. */
  start(launch: ContainerLaunch): Promise<ContainerRun>
  /** Takes over what runs still, or tells how it ended; undefined if it never ran. */
  recover(podUid: string, container: string): EarlierRun | undefined
  /** For exec probes: runs a command beside the container, resolves to its exit code. */
  exec(run: RunKey, request: ExecRequest): Promise<ExecResult>
  /** Why such a command may not run beside a container; undefined if it may. */
  refuseCommand(command: readonly string[]): string | undefined
  /** For users: a command with input and output, until it ends or is killed. */
  openCommand(run: RunKey, request: CommandRequest): Promise<CommandSession>
  /** For clients that attach; undefined if the program has neither an input nor a terminal. */
  openInput(run: RunKey): ContainerInput | undefined
  /** What runs, by `containerUsageKey`. */
  usage(): ReadonlyMap<string, UsageTotal>
  /** The log of one run; undefined if there is none (any more). */
  logFile(run: RunKey): string | undefined
  /** Where a pod's volumes are kept. */
  podDir(podUid: string): string
  /** Removes all that is left of a pod whose containers have ended. */
  removePod(podUid: string): Promise<void>
  /** Ends and removes what belongs to pods that are not among these; called once, before any pod is run. */
  sweep(podUids: ReadonlySet<string>): Promise<void>
  /** Forgets runs older than the one before `attempt`. */
  prune(run: RunKey): void
}

export interface ExecRequest {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

export interface CommandRequest {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly workingDir?: string
  readonly stdin: boolean
  readonly tty: boolean
}

export interface ExecResult {
  readonly exitCode: number
  readonly output: string
}
