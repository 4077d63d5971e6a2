/** Commands in the pods of apps that run here: in their own pods, and in nothing else. */
import type { Duplex } from 'node:stream'
import { PorpulsionError } from '@porpulsion/contract'
import { isNotFound, type KubeClient, KubeError, type Pod, type Stored } from '@porpulsion/kube'
import { clusterError } from './kube-cluster-error.ts'
import type { KubeHostedAppStore } from './kube-hosted-app-store.ts'
import { isReady } from './kube-pod-problem.ts'

/** What is to run, and where in the app. */
export interface AppCommand {
  readonly command: readonly string[]
  readonly pod?: string
  readonly container?: string
  readonly tty: boolean
  readonly stdin: boolean
}

export interface RunningAppCommand {
  readonly pod: string
  readonly container: string
  /** As the Kubernetes client has it: `ExecInput` to write, `ExecOutput` to read. */
  readonly stream: Duplex
  readonly explain: (error: Error) => PorpulsionError
}

export class KubeAppExec {
  readonly #client: KubeClient
  readonly #store: KubeHostedAppStore

  constructor({
    client,
    store,
  }: {
    readonly client: KubeClient
    readonly store: KubeHostedAppStore
  }) {
    this.#client = client
    this.#store = store
  }

  async exec(
    peerFingerprint: string,
    uid: string,
    { command, pod: podName, container: containerName, stdin, tty }: AppCommand,
    signal: AbortSignal,
  ): Promise<RunningAppCommand> {
    const record = this.#store.find(peerFingerprint, uid)
    if (record === undefined)
      throw new PorpulsionError('NotFound', 'AppNotFound', 'This cluster runs no such app for you')
    const pod = choosePod(this.#store.podsOf(record), podName, record.spec.submitter.name)
    const container = chooseContainer(pod, containerName)
    try {
      const stream = await this.#client.exec(pod.metadata, {
        command,
        container,
        stdin,
        tty,
        signal,
      })
      return { pod: pod.metadata.name, container, stream, explain: explainFailure }
    } catch (error) {
      signal.throwIfAborted()
      if (isNotFound(error)) throw noSuchPod(pod.metadata.name, [])
      throw clusterError(error, `a command in pod ${pod.metadata.name}`)
    }
  }
}

/** A name is looked for among the app's own pods: what a peer names is never looked up anywhere else. */
function choosePod(
  pods: readonly Stored<Pod>[],
  wanted: string | undefined,
  app: string,
): Stored<Pod> {
  if (wanted !== undefined) {
    const named = pods.find(({ metadata }) => metadata.name === wanted)
    if (named !== undefined) return named
    throw noSuchPod(
      wanted,
      pods.map(({ metadata }) => metadata.name),
    )
  }
  // One that runs will do: what is not ready is what people want to look into.
  const chosen = pods.find(isReady) ?? pods.find(({ status }) => status?.phase === 'Running')
  if (chosen !== undefined) return chosen
  throw new PorpulsionError(
    'Unavailable',
    'AppNotReady',
    `No pod of app "${app}" runs (${pods.length} exist)`,
  )
}

function chooseContainer({ metadata, spec }: Stored<Pod>, wanted: string | undefined): string {
  const names = (spec?.containers ?? []).map(({ name }) => name)
  const name = wanted === undefined ? names[0] : names.find((each) => each === wanted)
  if (name !== undefined) return name
  throw new PorpulsionError(
    'NotFound',
    'ContainerNotFound',
    `Pod "${metadata.name}" has no container "${wanted ?? ''}" (it has ${names.join(', ')})`,
  )
}

function noSuchPod(name: string, others: readonly string[]): PorpulsionError {
  const known = others.length === 0 ? 'it has none' : `it has ${others.join(', ')}`
  return new PorpulsionError('NotFound', 'PodNotFound', `The app has no pod "${name}" (${known})`)
}

/** What the API server said of a command that it had taken. */
function explainFailure(error: Error): PorpulsionError {
  if (error instanceof KubeError && error.reason === 'StdinEndUnsupported')
    return new PorpulsionError(
      'FailedPrecondition',
      'StdinEndUnsupported',
      'The API server here cannot tell a command that its input ended; run it without -i',
      { cause: error },
    )
  if (error instanceof KubeError && error.reason !== 'Unreachable')
    return new PorpulsionError('FailedPrecondition', 'ExecFailed', error.message, { cause: error })
  return new PorpulsionError(
    'Unavailable',
    'ExecLost',
    `How the command ended is not known: ${error.message}`,
    { cause: error },
  )
}
