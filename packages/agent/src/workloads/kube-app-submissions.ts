/** What peers submit to run here: judged, recorded, and taken away again. */
import {
  Annotation,
  AppReason,
  GROUP_VERSION,
  peerNamespace,
  PorpulsionError,
  type AppDeletion,
  type AppSubmission,
  type AppVerdict,
  type ExecutingApp,
  type ExecutingAppSpec,
} from '@porpulsion/contract'
import {
  isBeingDeleted,
  isNotFound,
  kubeTime,
  retryOnConflict,
  type Clock,
  type KubeClient,
} from '@porpulsion/kube'
import type { CallingPeer } from '../api/index.ts'
import type { Logger } from '../observability/index.ts'
import { policyRevision, rulesFor } from '../policy/index.ts'
import { ExecutingAppKind, type StoredExecutingApp } from './kube-app-kinds.ts'
import { executingAppName, secretValuesName } from './kube-app-names.ts'
import { appLabels } from './kube-app-objects.ts'
import { inCluster } from './kube-cluster-error.ts'
import type { KubeHostedAppStore } from './kube-hosted-app-store.ts'
import { refusedUpdateOf } from './kube-observe-app.ts'
import type { KubeSecretValues } from './kube-secret-values.ts'
import type { Notify, SettingsInForce } from './neighbours.ts'
import { splitSecretValues } from './secret-values.ts'
import { decideSubmission, isIntact, type SubmissionDecision } from './submission-rules.ts'

export interface AppSubmissionsDeps {
  readonly client: KubeClient
  readonly store: KubeHostedAppStore
  readonly secretValues: KubeSecretValues
  readonly settings: SettingsInForce
  readonly notify: Notify
  readonly clock: Clock
  readonly logger: Logger
}

interface Submitted {
  readonly peer: CallingPeer
  readonly uid: string
  readonly submission: AppSubmission
  readonly policyRevision: string
  readonly signal: AbortSignal
}

/** A remaining list is for people; a thousand pods help nobody. */
const MAX_REMAINING = 50

/** uids become label values and parts of URLs; Kubernetes makes UUIDs, but a peer may send anything. */
const soundUid = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/

export class KubeAppSubmissions {
  readonly #deps: AppSubmissionsDeps

  constructor(deps: AppSubmissionsDeps) {
    this.#deps = deps
  }

  /** Idempotent. A refusal is an answer; what throws is to be tried again. */
  async submit(
    peer: CallingPeer,
    uid: string,
    submission: AppSubmission,
    signal: AbortSignal,
  ): Promise<AppVerdict> {
    assertSoundUid(uid)
    this.#deps.store.assertSynced()
    const rules = rulesFor(this.#deps.settings.current(), peer.name)
    const revision = policyRevision(rules)
    const submitted = { peer, uid, submission, policyRevision: revision, signal }
    return await inCluster(`app "${submission.name}"`, () =>
      // Somebody wrote the record in between: read, and judge again.
      retryOnConflict(async () => {
        const record = await this.#read(submitted)
        const existing = record && (await this.#existing(record, signal))
        const decision = decideSubmission({ peerName: peer.name, submission, existing, rules })
        try {
          return await this.#apply(submitted, decision, record)
        } catch (error) {
          if (isNotFound(error)) this.#deps.store.namespaces.forget(peer.fingerprint)
          throw error
        }
      }),
    )
  }

  /** Idempotent; `Gone` only when the API server shows nothing of the app any more. */
  async remove(peer: CallingPeer, uid: string, signal: AbortSignal): Promise<AppDeletion> {
    assertSoundUid(uid)
    const { store, logger } = this.#deps
    return await inCluster(`the app ${uid}`, async () => {
      const found = await store.leftovers(peer.fingerprint, uid, signal)
      if (found.length === 0) return { state: 'Gone' }
      await store.removeLeftovers(found, signal)
      const left = await store.leftovers(peer.fingerprint, uid, signal)
      if (left.length > 0)
        return {
          state: 'Deleting',
          remaining: left.slice(0, MAX_REMAINING).map(({ text }) => text),
        }
      logger.info({ peer: peer.name, uid }, 'Removed app of peer')
      return { state: 'Gone' }
    })
  }

  async #read({
    peer,
    uid,
    submission,
    signal,
  }: Submitted): Promise<StoredExecutingApp | undefined> {
    const name = executingAppName(submission.name, peer.fingerprint, uid)
    const namespace = peerNamespace(peer.fingerprint)
    const record = await this.#deps.client.find(ExecutingAppKind, { namespace, name }, { signal })
    if (record !== undefined && !isOf(record, peer, uid))
      throw new PorpulsionError(
        'FailedPrecondition',
        'ClusterRefused',
        `${namespace}/${name} is the record of another app`,
      )
    return record
  }

  async #existing(
    record: StoredExecutingApp,
    signal: AbortSignal,
  ): Promise<Parameters<typeof decideSubmission>[0]['existing']> {
    const whole = await this.#deps.secretValues.wholeSpec(record, signal)
    return {
      spec: record.spec,
      isDeleting: isBeingDeleted(record),
      isIntact: isIntact(record.spec, whole),
      hasRefusedUpdate: refusedUpdateOf(record) !== undefined,
    }
  }

  async #apply(
    submitted: Submitted,
    decision: SubmissionDecision,
    record: StoredExecutingApp | undefined,
  ): Promise<AppVerdict> {
    const { submission } = submitted
    switch (decision.kind) {
      case 'hash-mismatch':
        throw new PorpulsionError(
          'Invalid',
          'InvalidRequest',
          'specHash: is not the hash of what was sent',
        )
      case 'being-deleted':
        throw new PorpulsionError(
          'FailedPrecondition',
          'AppDeleting',
          'The app is still being deleted here',
        )
      case 'outdated':
        throw new PorpulsionError(
          'Conflict',
          'AppChanged',
          `Generation ${decision.recorded} is recorded here already; generation ${submission.generation} comes too late`,
        )
      case 'agreed':
        if (record !== undefined && !decision.isRecorded)
          await this.#save(submitted, record, { ...record.spec, submitter: submitterOf(submitted) })
        return accepted(submitted)
      case 'refused':
        await this.#refuse(submitted, decision, record)
        return {
          verdict: 'Refused',
          reason: decision.reason,
          message: decision.message,
          policyRevision: submitted.policyRevision,
        }
      case 'accepted':
        await this.#accept(submitted, record)
        return accepted(submitted)
      default:
        return decision satisfies never
    }
  }

  async #accept(submitted: Submitted, record: StoredExecutingApp | undefined): Promise<void> {
    const { peer, uid, submission, signal } = submitted
    const { client, clock, logger, secretValues, store } = this.#deps
    const namespace = await store.namespaces.ensure(peer.fingerprint, signal)
    const name = executingAppName(submission.name, peer.fingerprint, uid)
    const { spec, values } = recordSpec(submitted, name)
    const labels = appLabels(spec)
    if (values !== undefined && spec.secretValues !== undefined)
      await secretValues.write(namespace, spec.secretValues.secretName, values, labels, signal)
    const acceptedAt = { [Annotation.AcceptedAt]: kubeTime(clock.now()) }
    if (record !== undefined) await this.#save(submitted, record, spec, acceptedAt)
    else
      await client.create(
        ExecutingAppKind,
        {
          apiVersion: GROUP_VERSION,
          kind: 'ExecutingApp',
          metadata: { name, namespace, labels, annotations: acceptedAt },
          spec,
        },
        { signal },
      )
    const { generation } = submission
    logger.info(
      { peer: peer.name, executingApp: { namespace, name }, generation },
      'Accepted app of peer',
    )
  }

  /** Replaces what was recorded; a refused update is history then. */
  async #save(
    { signal }: Submitted,
    record: StoredExecutingApp,
    spec: ExecutingAppSpec,
    change: Record<string, string> = {},
  ): Promise<void> {
    const { [Annotation.RefusedUpdate]: _, ...annotations } = record.metadata.annotations ?? {}
    await this.#update(record, spec, { ...annotations, ...change }, signal)
  }

  async #refuse(
    { peer, submission, signal }: Submitted,
    { reason, message }: { readonly reason: string; readonly message: string },
    record: StoredExecutingApp | undefined,
  ): Promise<void> {
    const { logger, notify } = this.#deps
    logger.info({ peer: peer.name, app: submission.name, reason }, 'Refused app of peer')
    if (record === undefined) {
      await notify({
        reason: 'AppRefused',
        message: `App "${submission.name}" of peer "${peer.name}" was refused: ${message}`,
        severity: 'info',
        about: { kind: 'Peer', name: peer.name },
      })
      return
    }
    // What runs goes on; the record says beside it what was refused, and survives our restart.
    const refused = JSON.stringify({ generation: submission.generation, reason, message })
    if (record.metadata.annotations?.[Annotation.RefusedUpdate] === refused) return
    const annotations = { ...record.metadata.annotations, [Annotation.RefusedUpdate]: refused }
    await this.#update(record, record.spec, annotations, signal)
  }

  /** Refused as a conflict if the record changed since it was read. */
  async #update(
    record: StoredExecutingApp,
    spec: ExecutingAppSpec,
    annotations: Record<string, string>,
    signal: AbortSignal,
  ): Promise<void> {
    const labels = { ...record.metadata.labels, ...appLabels(spec) }
    const next: ExecutingApp = {
      ...record,
      metadata: { ...record.metadata, labels, annotations },
      spec,
    }
    await this.#deps.client.update(ExecutingAppKind, next, { signal })
  }
}

function assertSoundUid(uid: string): void {
  if (!soundUid.test(uid))
    throw new PorpulsionError(
      'Invalid',
      'InvalidRequest',
      'uid: must be at most 63 letters, digits and "-"',
    )
}

function isOf({ spec }: StoredExecutingApp, peer: CallingPeer, uid: string): boolean {
  return spec.peer.fingerprint === peer.fingerprint && spec.submitter.uid === uid
}

function submitterOf({ uid, submission }: Submitted): ExecutingAppSpec['submitter'] {
  const { namespace, name, generation, epoch } = submission
  return { uid, namespace, name, generation, epoch }
}

function recordSpec(
  submitted: Submitted,
  name: string,
): { readonly spec: ExecutingAppSpec; readonly values: string | undefined } {
  const { peer, submission } = submitted
  const { app, values } = splitSecretValues(submission.spec)
  const { restartedAt, specHash } = submission
  const spec = {
    peer: { name: peer.name, fingerprint: peer.fingerprint },
    submitter: submitterOf(submitted),
    specHash,
    policyRevision: submitted.policyRevision,
    ...(restartedAt !== undefined && { restartedAt }),
    app,
    ...(values !== undefined && { secretValues: { secretName: secretValuesName(name, specHash) } }),
  }
  return { spec, values }
}

function accepted({ policyRevision }: Submitted): AppVerdict {
  return {
    verdict: 'Accepted',
    reason: AppReason.Accepted,
    message: 'Admitted by the rules of this cluster',
    policyRevision,
  }
}
