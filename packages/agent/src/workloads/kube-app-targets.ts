/** Connections to the ports of apps that run here: to their own ready pods, and to nothing else. */
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { PorpulsionError } from '@porpulsion/contract'
import type { Clock, KubeClient, Pod, Stored } from '@porpulsion/kube'
import type { AppRecord } from '../policy/index.ts'
import { normalisePort } from './normalise-app-spec.ts'
import type { KubeHostedAppStore } from './kube-hosted-app-store.ts'
import { isReady } from './kube-pod-problem.ts'

export interface AppTargetsDeps {
  readonly client: KubeClient
  readonly store: KubeHostedAppStore
  readonly clock: Clock
  /** Pod addresses can be dialled from here; else connections go through the API server. */
  readonly podsReachable: boolean
}

/** A pod that is ready takes a connection at once; one that does not is passed over. */
const CONNECT_TIMEOUT_MS = 5_000

export class KubeAppTargets {
  readonly #deps: AppTargetsDeps
  /** Open connections by pod: the next one goes where the fewest are. */
  readonly #open = new Map<string, number>()

  constructor(deps: AppTargetsDeps) {
    this.#deps = deps
  }

  /** Our own record of an app of this peer, to decide by. */
  find(peerFingerprint: string, uid: string): AppRecord | undefined {
    const record = this.#deps.store.find(peerFingerprint, uid)
    if (record === undefined) return undefined
    const ports = (record.spec.app.ports ?? []).map(normalisePort)
    const { name, namespace } = record.spec.submitter
    return { name, namespace, peerFingerprint: record.spec.peer.fingerprint, ports }
  }

  onChange(listener: (peerFingerprint: string, uid: string) => void): () => void {
    return this.#deps.store.records.on(({ object: { spec } }) => {
      listener(spec.peer.fingerprint, spec.submitter.uid)
    })
  }

  async dial(
    peerFingerprint: string,
    uid: string,
    port: number,
    signal: AbortSignal,
  ): Promise<Duplex> {
    const record = this.#deps.store.find(peerFingerprint, uid)
    if (record === undefined)
      throw new PorpulsionError('NotFound', 'AppNotFound', 'This cluster runs no such app for you')
    const app = record.spec.submitter.name
    const pods = this.#deps.store.podsOf(record)
    const ready = pods.filter(isReady).sort((a, b) => this.#load(a) - this.#load(b))
    if (ready.length === 0)
      throw new PorpulsionError(
        'Unavailable',
        'AppNotReady',
        `No pod of app "${app}" is ready (${pods.length} exist)`,
      )
    return await this.#firstThatAnswers(app, ready, port, signal)
  }

  async #firstThatAnswers(
    app: string,
    pods: readonly Stored<Pod>[],
    port: number,
    signal: AbortSignal,
  ): Promise<Duplex> {
    let failure: unknown
    for (const pod of pods) {
      try {
        return await this.#connect(pod, port, signal)
      } catch (error) {
        signal.throwIfAborted()
        failure = error
      }
    }
    const why = failure instanceof Error ? failure.message : String(failure)
    throw new PorpulsionError(
      'Unavailable',
      'PortUnreachable',
      `No pod of app "${app}" accepts connections on port ${port}: ${why}`,
      { cause: failure },
    )
  }

  async #connect(pod: Stored<Pod>, port: number, signal: AbortSignal): Promise<Duplex> {
    const { uid } = pod.metadata
    // Counted before it stands, so that a burst does not all go to one pod.
    this.#open.set(uid, this.#load(pod) + 1)
    try {
      const stream = await this.#reach(pod, port, signal)
      stream.once('close', () => this.#closed(uid))
      return stream
    } catch (error) {
      this.#closed(uid)
      throw error
    }
  }

  async #reach(pod: Stored<Pod>, port: number, signal: AbortSignal): Promise<Duplex> {
    const { client, clock, podsReachable } = this.#deps
    const address = pod.status?.podIP
    if (podsReachable && address !== undefined && address !== '')
      return await connectTo(address, port, clock, signal)
    return await client.portForward(pod.metadata, port, { signal, timeoutMs: CONNECT_TIMEOUT_MS })
  }

  #load({ metadata }: Stored<Pod>): number {
    return this.#open.get(metadata.uid) ?? 0
  }

  #closed(uid: string): void {
    const left = (this.#open.get(uid) ?? 1) - 1
    if (left > 0) this.#open.set(uid, left)
    else this.#open.delete(uid)
  }
}

function connectTo(host: string, port: number, clock: Clock, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true })
    const cancelTimer = clock.setTimeout(
      () =>
        socket.destroy(new Error(`${host}:${port} did not answer within ${CONNECT_TIMEOUT_MS} ms`)),
      CONNECT_TIMEOUT_MS,
    )
    const onAbort = (): void => {
      socket.destroy(new Error('The connection is no longer wanted'))
    }
    const settled = (): void => {
      cancelTimer()
      signal.removeEventListener('abort', onAbort)
      socket.removeListener('error', onError)
    }
    const onError = (error: Error): void => {
      settled()
      reject(error)
    }
    socket.once('error', onError)
    socket.once('connect', () => {
      settled()
      resolve(socket)
    })
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
}
