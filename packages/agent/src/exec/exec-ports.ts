/** What commands ask of the feature that knows the apps; `agent.ts` wires it. */
import type { Duplex } from 'node:stream'
import type { PorpulsionError } from '@porpulsion/contract'
import type { AppRecord } from '../policy/index.ts'

/** One of our apps at a peer. */
export interface ExecApp {
  readonly uid: string
  readonly name: string
  readonly namespace: string
  /** Where it runs. */
  readonly peerFingerprint: string
}

/** Submitter: finds our apps. Throws `AppNotFound`, `AppAmbiguous`. */
export interface ExecApps {
  /** `id` is a uid, a bare name, or `namespace,name`. */
  resolve(id: string, namespace: string | undefined): ExecApp
}

/** What is to run, and where in the app. */
export interface ExecCommand {
  readonly command: readonly string[]
  readonly pod?: string
  readonly container?: string
  readonly tty: boolean
  readonly stdin: boolean
}

/** What a command is given. */
export type ExecInput =
  | { readonly kind: 'stdin'; readonly bytes: Uint8Array }
  /** It reads end of file. */
  | { readonly kind: 'stdinEnd' }
  | { readonly kind: 'resize'; readonly width: number; readonly height: number }

/** What comes of it. One of the last two comes once, as the last. */
export type ExecOutput =
  | { readonly kind: 'stdout' | 'stderr'; readonly bytes: Uint8Array }
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'failed'; readonly error: Error }

export interface RunningCommand {
  readonly pod: string
  readonly container: string
  /** Objects: `ExecInput` to write, `ExecOutput` to read. Destroying it takes the command's connection away. */
  readonly stream: Duplex
  /** Why it failed, in our vocabulary. */
  readonly explain: (error: Error) => PorpulsionError
}

/** Host: the apps that run here, by the peer they run for. */
export interface ExecTargets {
  /** Our own record, to decide by; from memory. */
  find(peerFingerprint: string, uid: string): AppRecord | undefined
  /** In a pod of the app and no other. Throws `AppNotReady`, `PodNotFound`, `ContainerNotFound`, `ExecFailed`. */
  exec(
    peerFingerprint: string,
    uid: string,
    command: ExecCommand,
    signal: AbortSignal,
  ): Promise<RunningCommand>
  /** Told when our record of an app is another one, or gone. The returned function unsubscribes. */
  onChange(listener: (peerFingerprint: string, uid: string) => void): () => void
}
