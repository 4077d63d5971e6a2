/** What peers submit to run here: judged, recorded, and taken away again. */
import {
  AppReason,
  peerNamespace,
  PorpulsionError,
  type AppCheckReply,
  type AppCheckRequest,
  type AppDeletion,
  type AppSubmission,
  type AppVerdict,
} from '@porpulsion/contract'
import { isBeingDeleted, retryOnConflict } from '@porpulsion/kube'
import type { CallingPeer } from '../api/index.ts'
import { peerActor, type Audit } from '../audit/index.ts'
import type { Logger } from '../observability/index.ts'
import { add, fillIns, policyRevision, rulesFor, usageOf } from '../policy/index.ts'
import type { HostedUsage } from './hosted-usage.ts'
import type { StoredExecutingApp } from './kube-app-kinds.ts'
import { executingAppName } from './kube-app-names.ts'
import type { KubeAppRecords, Submitted } from './kube-app-records.ts'
import { inCluster } from './kube-cluster-error.ts'
import type { KubeHostedAppStore } from './kube-hosted-app-store.ts'
import { refusedUpdateOf } from './kube-app-conditions.ts'
import type { KubeSecretValues } from './kube-secret-values.ts'
import type { Notify, SettingsInForce } from './neighbours.ts'
import { hasLimit, ofTotals } from './of-totals.ts'
import { specHash } from './spec-hash.ts'
import {
  decideSubmission,
  judge,
  needsApproval,
  type ExistingRecord,
  type SubmissionDecision,
  type SubmissionInput,
} from './submission-rules.ts'

export interface AppSubmissionsDeps {
  readonly store: KubeHostedAppStore
  readonly records: KubeAppRecords
  readonly secretValues: KubeSecretValues
  readonly usage: HostedUsage
  readonly settings: SettingsInForce
  readonly notify: Notify
  readonly audit: Audit
  readonly logger: Logger
}

/** A remaining list is for people; a thousand pods help nobody. */
const MAX_REMAINING = 50
/** Apps of one peer that wait for approval; nobody reads more. */
const MAX_HELD_PER_PEER = 100

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
    const { records, settings, store, usage } = this.#deps
    store.assertSynced()
    const rules = rulesFor(settings.current(), peer.name)
    const revision = policyRevision(rules)
    const submitted = { peer, uid, submission, policyRevision: revision, signal }
    return await inCluster(`app "${submission.name}"`, () =>
      // Somebody wrote the record in between: read, and judge again.
      retryOnConflict(async () => {
        const record = await records.read(submitted)
        const existing = record && (await this.#existing(record, signal))
        // From here to the reservation nothing is waited for: of many at once, each is judged beside the others.
        this.#assertSameName(submitted)
        const others = usage.besides(peer.fingerprint, uid, {
          peer,
          submitter: submission,
          spec: submission.spec,
        })
        const decision = decideSubmission({
          peerName: peer.name,
          submission,
          existing,
          rules,
          others,
        })
        return await this.#withRoom(submitted, decision, () =>
          this.#apply(submitted, decision, record, rules.approval.required),
        )
      }),
    )
  }

  /** What would become of it, and everything that stands against it. Nothing is recorded. */
  async check(
    peer: CallingPeer,
    { uid, name, namespace = '', spec }: AppCheckRequest,
    signal: AbortSignal,
  ): Promise<AppCheckReply> {
    const { settings, store, usage } = this.#deps
    store.assertSynced()
    const rules = rulesFor(settings.current(), peer.name)
    const record = uid === undefined ? undefined : store.find(peer.fingerprint, uid)
    const existing = record && (await this.#existing(record, signal))
    const input: SubmissionInput = {
      peerName: peer.name,
      submission: {
        name,
        namespace,
        generation: 0,
        epoch: '',
        spec,
        specHash: specHash({ name, restartedAt: record?.spec.restartedAt, spec }),
      },
      existing,
      rules,
      others: usage.besides(peer.fingerprint, uid ?? '', {
        peer,
        submitter: { name, namespace },
        spec,
      }),
    }
    const objections = judge(input)
    const used = add(input.others.peer, usageOf(spec, rules.resources.defaults))
    // Who asks in order to find out what the rules let through, asks often.
    if (objections[0] !== undefined)
      this.#audit(peer, 'checkApp', `app/${name}`, objections[0].reason)
    return {
      verdict:
        objections.length > 0 ? 'Refused' : needsApproval(input) ? 'ApprovalPending' : 'Accepted',
      objections,
      filledIn: fillIns(spec, rules),
      // Of its own totals alone: what others use is none of its business.
      ...(hasLimit(rules.peerTotals) && { ofTotals: ofTotals(used, rules.peerTotals) }),
    }
  }

  /** Idempotent; `Gone` only when the API server shows nothing of the app any more. */
  async remove(peer: CallingPeer, uid: string, signal: AbortSignal): Promise<AppDeletion> {
    assertSoundUid(uid)
    const { store, usage, logger } = this.#deps
    return await inCluster(`the app ${uid}`, async () => {
      const isGone = usage.ifGone({ fingerprint: peer.fingerprint, uid })
      const found = await store.leftovers(peer.fingerprint, uid, signal)
      if (found.length === 0) {
        isGone()
        this.#auditForeign(peer, 'deleteApp', uid)
        return { state: 'Gone' }
      }
      await store.removeLeftovers(found, signal)
      this.#audit(peer, 'deleteApp', `app/${uid}`)
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

  #assertSameName({ peer: { fingerprint }, uid, submission }: Submitted): void {
    const name = this.#deps.usage.nameOf({ fingerprint, uid })
    if (name !== undefined && name !== fullName(submission))
      throw new PorpulsionError(
        'FailedPrecondition',
        'ClusterRefused',
        `${uid} is app "${name}" here; an app keeps its name and namespace`,
      )
  }

  async #existing(record: StoredExecutingApp, signal: AbortSignal): Promise<ExistingRecord> {
    return {
      spec: record.spec,
      whole: await this.#deps.secretValues.wholeSpec(record, signal),
      isDeleting: isBeingDeleted(record),
      hasRefusedUpdate: refusedUpdateOf(record) !== undefined,
    }
  }

  /** What is about to be recorded counts before it is, so that no two apps are given the same room. */
  async #withRoom<T>(
    { peer, uid, submission }: Submitted,
    { kind }: SubmissionDecision,
    record: () => Promise<T>,
  ): Promise<T> {
    if (kind !== 'accepted' && kind !== 'held') return await record()
    const { fingerprint } = peer
    const { spec, specHash } = submission
    const reserved = { name: fullName(submission), spec, specHash, isHeld: kind === 'held' }
    const reservation = this.#deps.usage.reserve({ fingerprint, uid }, reserved)
    try {
      const result = await record()
      reservation.settle('written')
      return result
    } catch (error) {
      reservation.settle('failed')
      throw error
    }
  }

  async #apply(
    submitted: Submitted,
    decision: SubmissionDecision,
    record: StoredExecutingApp | undefined,
    approvalIsRequired: boolean,
  ): Promise<AppVerdict> {
    const { submission } = submitted
    const { records } = this.#deps
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
        if (record !== undefined && !decision.isRecorded) await records.agree(submitted, record)
        return accepted(submitted)
      case 'refused':
        await this.#refuse(submitted, decision, record)
        return {
          verdict: 'Refused',
          reason: decision.reason,
          message: decision.message,
          policyRevision: submitted.policyRevision,
        }
      case 'held':
        if (!decision.isRecorded) await this.#hold(submitted, record)
        return {
          verdict: 'Accepted',
          reason: 'ApprovalPending',
          message: 'Admitted by the rules of this cluster; somebody there has to approve it',
          policyRevision: submitted.policyRevision,
        }
      case 'accepted':
        await records.accept(submitted, record, { keepApproval: approvalIsRequired })
        this.#done(submitted, 'Accepted app of peer')
        return accepted(submitted)
      default:
        return decision satisfies never
    }
  }

  async #hold(submitted: Submitted, record: StoredExecutingApp | undefined): Promise<void> {
    const { peer, uid, submission } = submitted
    const { records, usage, notify } = this.#deps
    const waiting = usage.waitingBesides({ fingerprint: peer.fingerprint, uid })
    if (waiting >= MAX_HELD_PER_PEER)
      throw new PorpulsionError(
        'LimitExceeded',
        'TooManyApprovals',
        `${waiting} apps of yours wait for approval here already`,
        { retryAfterSeconds: 30 },
      )
    await records.hold(submitted, record)
    this.#done(submitted, 'Keeping app of peer until it is approved')
    const what = record !== undefined && record.spec.hold === undefined ? 'An update of app' : 'App'
    await notify({
      reason: 'ApprovalWaiting',
      message: `${what} "${submission.name}" of peer "${peer.name}" waits for approval`,
      severity: 'warning',
      about: {
        kind: 'ExecutingApp',
        namespace: peerNamespace(peer.fingerprint),
        name: executingAppName(submission.name, peer.fingerprint, uid),
      },
    })
  }

  async #refuse(
    { peer, uid, submission, signal }: Submitted,
    { reason, message }: { readonly reason: string; readonly message: string },
    record: StoredExecutingApp | undefined,
  ): Promise<void> {
    const { logger, notify, records } = this.#deps
    logger.info({ peer: peer.name, app: submission.name, reason }, 'Refused app of peer')
    this.#audit(peer, 'submitApp', `app/${submission.name},${uid}`, reason)
    if (record !== undefined) {
      const { generation } = submission
      await records.refuse(record, { generation, reason, message }, signal)
      return
    }
    await notify({
      reason: 'AppRefused',
      message: `App "${submission.name}" of peer "${peer.name}" was refused: ${message}`,
      severity: 'info',
      about: { kind: 'Peer', name: peer.name },
    })
  }

  #done({ peer, submission, uid }: Submitted, what: string): void {
    const { name, generation } = submission
    this.#deps.logger.info({ peer: peer.name, app: name, uid, generation }, what)
    this.#audit(peer, 'submitApp', `app/${name},${uid}`)
  }

  /** It is answered as if there were none; the owner hears of it. */
  #auditForeign(peer: CallingPeer, action: string, uid: string): void {
    if (this.#deps.store.isOfAnother(peer.fingerprint, uid))
      this.#audit(peer, action, `app/${uid}`, 'AppNotFound')
  }

  #audit(peer: CallingPeer, action: string, about: string, reason?: string): void {
    this.#deps.audit.record(
      {
        actor: peerActor(peer.name),
        action,
        about,
        outcome: reason === undefined ? 'done' : 'refused',
        ...(reason !== undefined && { reason }),
      },
      // A peer asks again and again while something is being deleted.
      'frequent',
    )
  }
}

const fullName = ({ namespace, name }: AppSubmission): string => `${namespace}/${name}`

function assertSoundUid(uid: string): void {
  if (!soundUid.test(uid))
    throw new PorpulsionError(
      'Invalid',
      'InvalidRequest',
      'uid: must be at most 63 letters, digits and "-"',
    )
}

function accepted({ policyRevision }: Submitted): AppVerdict {
  return {
    verdict: 'Accepted',
    reason: AppReason.Accepted,
    message: 'Admitted by the rules of this cluster',
    policyRevision,
  }
}
