/** Apps of peers that wait for the owner's word, or were refused it: listed, shown, decided upon. */
import {
  PorpulsionError,
  type Approval,
  type ApprovalDetail,
  type AppSpec,
} from '@porpulsion/contract'
import type { ApprovalSource, Verdict } from '../approvals/index.ts'
import type { PeerRules } from '../policy/index.ts'
import type { HostedUsage } from './hosted-usage.ts'
import { contentHash } from './canonical-json.ts'
import { specDifferences } from './spec-differences.ts'
import type { StoredExecutingApp } from './kube-app-kinds.ts'
import type { KubeAppRecords } from './kube-app-records.ts'
import { inCluster } from './kube-cluster-error.ts'
import type { KubeHostedAppStore } from './kube-hosted-app-store.ts'
import type { KubeSecretValues } from './kube-secret-values.ts'
import { heldPart, judge, type HeldPart, type SubmissionInput } from './submission-rules.ts'

export interface HeldAppsDeps {
  readonly store: KubeHostedAppStore
  readonly records: KubeAppRecords
  readonly secretValues: KubeSecretValues
  readonly usage: HostedUsage
  readonly rulesOf: (fingerprint: string) => PeerRules
}

/** A record with what of it waits. */
interface Held {
  readonly record: StoredExecutingApp
  readonly part: HeldPart
}

export interface HeldApps extends ApprovalSource {
  /** After the rules changed: lets run what nothing keeps from it any more. Whether the record changed. */
  release(record: StoredExecutingApp, signal: AbortSignal): Promise<boolean>
}

export function createHeldApps(deps: HeldAppsDeps): HeldApps {
  const { store, records, secretValues } = deps

  const all = (): Held[] =>
    store.records.list().flatMap((record) => {
      const part = heldPart(record.spec)
      const isOver = record.metadata.deletionTimestamp !== undefined
      return part === undefined || part.hold.state === 'Stopped' || isOver ? [] : [{ record, part }]
    })
  const find = (id: string): Held | undefined => all().find((held) => idOf(held) === id)

  async function wholeOf(held: Held, signal: AbortSignal): Promise<AppSpec | undefined> {
    const { part, record } = held
    return await secretValues.wholeSpec({ ...record, spec: { ...record.spec, ...part } }, signal)
  }

  /**
   * As a submission that comes now: the rules may have changed, and others may have taken the room. Undefined when the
   * values of its secrets are lost here.
   */
  async function submissionOf(
    held: Held,
    signal: AbortSignal,
  ): Promise<SubmissionInput | undefined> {
    const { record, part } = held
    const { name: peerName, fingerprint } = record.spec.peer
    const spec = await wholeOf(held, signal)
    if (spec === undefined) return undefined
    return {
      peerName,
      submission: { ...part.submitter, specHash: part.specHash, spec },
      existing: undefined,
      rules: deps.rulesOf(fingerprint),
      others: deps.usage.besides(fingerprint, part.submitter.uid, {
        peer: record.spec.peer,
        submitter: part.submitter,
        spec,
      }),
    }
  }

  async function assertAdmitted(held: Held, signal: AbortSignal): Promise<void> {
    const input = await submissionOf(held, signal)
    if (input === undefined)
      throw new PorpulsionError(
        'FailedPrecondition',
        'ApprovalNotFound',
        'The values of its secrets are lost here; it waits until the peer has sent it again',
      )
    const [objection] = judge(input)
    if (objection === undefined) return
    throw new PorpulsionError(
      'FailedPrecondition',
      'ApprovalRejected',
      `The rules of this cluster do not admit it any more: ${objection.message}`,
    )
  }

  /** Undefined when it waits no more, or for something else. */
  async function decideOn(
    id: string,
    latest: StoredExecutingApp,
    verdict: Verdict,
    signal: AbortSignal,
  ): Promise<Approval | undefined> {
    const part = heldPart(latest.spec)
    if (part === undefined) return undefined
    const held = { record: latest, part }
    if (idOf(held) !== id) return undefined
    if (verdict.approved) {
      await assertAdmitted(held, signal)
      await records.approve(latest, { name: verdict.by, note: verdict.note }, signal)
      return approvedOf(held, verdict)
    }
    const written = await records.keepFromRunning(latest, rejected(verdict), signal)
    return approvalOf({ record: written, part: heldPart(written.spec) ?? part })
  }

  return {
    list: () => all().map(approvalOf),

    async show(id, signal) {
      const held = find(id)
      if (held === undefined) return undefined
      const { record, part } = held
      const after = await wholeOf(held, signal)
      const before = isUpdate(held) ? await secretValues.wholeSpec(record, signal) : undefined
      const detail: ApprovalDetail = {
        ...approvalOf(held),
        spec: part.app,
        differences: specDifferences(before, after ?? part.app),
      }
      return detail
    },

    async decide(id, verdict, signal) {
      const held = find(id)
      if (held === undefined) return undefined
      return await inCluster(`app "${held.part.submitter.name}"`, () =>
        records.onLatest(held.record, (latest) => decideOn(id, latest, verdict, signal), signal),
      )
    },

    async release(record, signal) {
      const part = heldPart(record.spec)
      if (part === undefined) return false
      const input = await submissionOf({ record, part }, signal)
      if (input === undefined || judge(input).length > 0) return false
      if (input.rules.approval.required && record.spec.approval === undefined) {
        // What was stopped asks anew.
        if (part.hold.state === 'Stopped')
          await records.keepFromRunning(record, { state: 'Pending' }, signal)
        return part.hold.state === 'Stopped'
      }
      if (input.rules.approval.required && part.hold.state !== 'Stopped') return false
      await records.release(record, signal)
      return true
    },
  }
}

const rejected = ({ by, note }: Verdict) => ({
  state: 'Rejected' as const,
  by,
  ...(note !== undefined && { note }),
})

/**
 * Of the content: who approves what they saw cannot approve what took its place. Our uid is in it, which no peer knows,
 * because who makes both contents could look for two that end up with the same id.
 */
const idOf = ({ record, part }: Held): string =>
  contentHash([record.metadata.uid, part.specHash]).slice(0, 32)

const isUpdate = ({ record }: Held): boolean => record.spec.update !== undefined

function approvalOf(held: Held): Approval {
  const { record, part } = held
  const { hold, submitter, app } = part
  const { namespace, name, uid } = submitter
  return {
    id: idOf(held),
    kind: 'App',
    state: hold.state === 'Rejected' ? 'Rejected' : 'Pending',
    peer: record.spec.peer.name,
    app: { namespace, name, uid },
    since: hold.since,
    isUpdate: isUpdate(held),
    image: app.image,
    ...(hold.note !== undefined && { note: hold.note }),
    ...(hold.by !== undefined && { by: hold.by }),
  }
}

function approvedOf(held: Held, { by, note }: Verdict): Approval {
  const { note: _n, by: _b, ...approval } = approvalOf(held)
  return { ...approval, state: 'Approved', by, ...(note !== undefined && { note }) }
}
