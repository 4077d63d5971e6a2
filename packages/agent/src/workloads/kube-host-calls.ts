/** What we ask of hosts for one app at a time, and how often when it brings us no further. */
import { AppReason, isPorpulsionError, type AppSubmission } from '@porpulsion/contract'
import { backoffMs, type BackoffOptions, type Random } from '@porpulsion/kube'
import type { Logger } from '../observability/index.ts'
import type { KnownPeer } from '../peers/index.ts'
import type { StoredRemoteApp } from './kube-app-kinds.ts'
import { appIdOf, refOf, restartedAtOf } from './kube-submitted-app.ts'
import type { KubeSubmittedSpecs } from './kube-submitted-specs.ts'
import type { LinkWatch } from './link-watch.ts'
import type { PeerLinks } from './neighbours.ts'
import type { Submissions } from './submissions.ts'

export interface HostCallsDeps {
  readonly links: PeerLinks
  readonly linkWatch: LinkWatch
  readonly submissions: Submissions
  readonly specs: Pick<KubeSubmittedSpecs, 'of'>
  readonly random: Random
  readonly logger: Logger
  /** Generations are comparable within it: an agent restored from a backup has another. */
  readonly epoch: string
}

export interface TryAgain {
  readonly requeueAfterMs: number
}

const CALL_TIMEOUT_MS = 15_000
const RETRY: BackoffOptions = { minMs: 500, maxMs: 30_000 }
const DELETION_POLL: BackoffOptions = { minMs: 250, maxMs: 5_000 }
/** Refused this often in a row as too old, a generation is not late: the cluster went back in time. */
const STUCK_ATTEMPTS = 2

export class HostCalls {
  readonly #deps: HostCallsDeps
  /** Attempts in a row that brought an app no further. */
  readonly #attempts = new Map<string, number>()
  #epochs = 0

  constructor(deps: HostCallsDeps) {
    this.#deps = deps
  }

  /** Something changed that may let the next attempt succeed. */
  startAnew(uid: string): void {
    this.#attempts.delete(uid)
  }

  /** What came of it is in the submissions; the answer says when to try again, if it failed. */
  async submit(
    app: StoredRemoteApp,
    peer: KnownPeer,
    signal: AbortSignal,
  ): Promise<TryAgain | undefined> {
    const { links, submissions, logger } = this.#deps
    const uid = appIdOf(app)
    // Once, so that what is judged is what was sent: Secrets may change meanwhile.
    const submission = this.#submission(app)
    const { specHash } = submission
    try {
      const answer = await links.call(peer.fingerprint, 'putApp', {
        params: { uid },
        body: submission,
        signal,
        timeoutMs: CALL_TIMEOUT_MS,
      })
      submissions.judged(uid, { ...answer, specHash })
      this.#attempts.delete(uid)
      const { verdict, reason } = answer
      logger.info({ remoteApp: refOf(app), peer: peer.name, verdict, reason }, 'Submitted app')
      return undefined
    } catch (error) {
      signal.throwIfAborted()
      return this.#submissionFailed(app, peer, specHash, error)
    }
  }

  /** Whether nothing of it is left at the host. */
  async remove(app: StoredRemoteApp, peer: KnownPeer, signal: AbortSignal): Promise<boolean> {
    const { links, linkWatch, submissions } = this.#deps
    const uid = appIdOf(app)
    if (linkWatch.now(peer.fingerprint).kind === 'down') return false
    try {
      const { state, remaining = [] } = await links.call(peer.fingerprint, 'deleteApp', {
        params: { uid },
        signal,
        timeoutMs: CALL_TIMEOUT_MS,
      })
      submissions.deleting(uid, remaining)
      return state === 'Gone'
    } catch (error) {
      signal.throwIfAborted()
      if (!isPorpulsionError(error)) throw error
      submissions.failed(uid, {
        reason: error.code,
        message: `Peer "${peer.name}" could not delete it: ${error.message}`,
      })
      return false
    }
  }

  /** How long to leave a host alone that is at work on a deletion. */
  nextPollMs(uid: string): number {
    return this.#nextAttemptMs(uid, DELETION_POLL)
  }

  #submission(app: StoredRemoteApp): AppSubmission {
    const { name, namespace = '', generation = 0 } = app.metadata
    const restartedAt = restartedAtOf(app)
    const { spec, hash } = this.#deps.specs.of(app)
    return {
      name,
      namespace,
      generation,
      epoch: `${this.#deps.epoch}/${this.#epochs}`,
      specHash: hash,
      ...(restartedAt !== undefined && { restartedAt }),
      spec,
    }
  }

  #submissionFailed(
    app: StoredRemoteApp,
    peer: KnownPeer,
    specHash: string,
    error: unknown,
  ): TryAgain | undefined {
    const { submissions, logger } = this.#deps
    if (!isPorpulsionError(error)) throw error
    const uid = appIdOf(app)
    // It will find the same fault again: an answer, like any refusal.
    if (error.kind === 'Invalid') {
      submissions.judged(uid, {
        verdict: 'Refused',
        reason: AppReason.InvalidSpec,
        message: error.message,
        policyRevision: '',
        specHash,
      })
      return undefined
    }
    if (error.code === 'AppChanged') this.#startEpochIfStuck(uid)
    submissions.failed(uid, {
      reason: error.code,
      message: `Peer "${peer.name}" could not take it: ${error.message}`,
    })
    const requeueAfterMs = this.#nextAttemptMs(uid, RETRY)
    const { code } = error
    logger.debug(
      { remoteApp: refOf(app), peer: peer.name, code, requeueAfterMs },
      'Could not submit app',
    )
    return { requeueAfterMs }
  }

  /**
   * The host knows a later generation than the cluster itself does: the cluster was restored under our feet, and what
   * it says now is what counts. Once may be a race with our own previous request.
   */
  #startEpochIfStuck(uid: string): void {
    if ((this.#attempts.get(uid) ?? 0) < STUCK_ATTEMPTS) return
    this.#epochs += 1
    this.#attempts.delete(uid)
  }

  #nextAttemptMs(uid: string, backoff: BackoffOptions): number {
    const attempts = this.#attempts.get(uid) ?? 0
    this.#attempts.set(uid, attempts + 1)
    return backoffMs(attempts, backoff, this.#deps.random)
  }
}
