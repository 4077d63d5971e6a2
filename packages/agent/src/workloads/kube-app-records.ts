/** Writes the records of what peers submit: one ExecutingApp each, its secret values in a Secret beside it. */
import {
  Annotation,
  GROUP_VERSION,
  peerNamespace,
  PorpulsionError,
  type AppSubmission,
  type ExecutingApp,
  type ExecutingAppSpec,
  type Hold,
} from '@porpulsion/contract'
import {
  isAlreadyExists,
  isNotFound,
  KubeError,
  kubeTime,
  retryOnConflict,
  type Clock,
  type KubeClient,
} from '@porpulsion/kube'
import type { CallingPeer } from '../api/index.ts'
import { ExecutingAppKind, type StoredExecutingApp } from './kube-app-kinds.ts'
import { executingAppName, secretValuesName } from './kube-app-names.ts'
import { appLabels } from './kube-app-objects.ts'
import type { KubeHostedAppStore } from './kube-hosted-app-store.ts'
import type { KubeSecretValues } from './kube-secret-values.ts'
import { splitSecretValues } from './secret-values.ts'

export interface AppRecordsDeps {
  readonly client: KubeClient
  readonly store: KubeHostedAppStore
  readonly secretValues: KubeSecretValues
  readonly clock: Clock
}

/** One submission on its way into a record. */
export interface Submitted {
  readonly peer: CallingPeer
  readonly uid: string
  readonly submission: AppSubmission
  readonly policyRevision: string
  readonly signal: AbortSignal
}

/** What a submission makes of a record: the part that runs, or that would. */
type SubmittedPart = Omit<ExecutingAppSpec, 'peer' | 'hold' | 'approval' | 'update'>

export interface RefusedUpdate {
  readonly generation: number
  readonly reason: string
  readonly message: string
}

export class KubeAppRecords {
  readonly #deps: AppRecordsDeps

  constructor(deps: AppRecordsDeps) {
    this.#deps = deps
  }

  /** From the API server: what is decided upon must not be late. */
  async read({
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

  /** Changes the record as it is by now: its status is written all the time. Undefined when it is gone. */
  async onLatest<R>(
    record: StoredExecutingApp,
    change: (latest: StoredExecutingApp) => Promise<R>,
    signal: AbortSignal,
  ): Promise<R | undefined> {
    return await retryOnConflict(async () => {
      const latest = await this.#latest(record, signal)
      return latest && (await change(latest))
    })
  }

  async #latest(
    { metadata }: StoredExecutingApp,
    signal: AbortSignal,
  ): Promise<StoredExecutingApp | undefined> {
    const found = await this.#deps.client.find(ExecutingAppKind, metadata, { signal })
    return found?.metadata.uid === metadata.uid ? found : undefined
  }

  /** It runs from now on. An approval of what it replaces holds for it too, if `keepApproval`. */
  async accept(
    submitted: Submitted,
    record: StoredExecutingApp | undefined,
    { keepApproval }: { readonly keepApproval: boolean },
  ): Promise<void> {
    const part = await this.#writePart(submitted)
    const approval = keepApproval ? record?.spec.approval : undefined
    const spec = { peer: peerOf(submitted), ...part, ...(approval && { approval }) }
    await this.#write(submitted, record, spec, this.#acceptedNow())
  }

  /** It waits; what runs goes on. */
  async hold(submitted: Submitted, record: StoredExecutingApp | undefined): Promise<void> {
    const part = await this.#writePart(submitted)
    const hold: Hold = { state: 'Pending', since: kubeTime(this.#deps.clock.now()) }
    const runs = record !== undefined && record.spec.hold === undefined
    const spec: ExecutingAppSpec = runs
      ? { ...record.spec, update: { ...part, hold } }
      : { peer: peerOf(submitted), ...part, hold }
    await this.#write(submitted, record, spec)
  }

  /** It runs as submitted: what was refused or waited is history. */
  async agree(submitted: Submitted, record: StoredExecutingApp): Promise<void> {
    const { update: _, ...runs } = record.spec
    await this.#write(submitted, record, { ...runs, submitter: submitterOf(submitted) })
  }

  /** What runs goes on; the record says beside it what was refused, and survives our restart. */
  async refuse(
    record: StoredExecutingApp,
    refused: RefusedUpdate,
    signal: AbortSignal,
  ): Promise<void> {
    const text = JSON.stringify(refused)
    const { update, ...spec } = record.spec
    if (update === undefined && record.metadata.annotations?.[Annotation.RefusedUpdate] === text)
      return
    const annotations = { ...record.metadata.annotations, [Annotation.RefusedUpdate]: text }
    // An earlier update that waits was overtaken by this one.
    await this.#update(record, spec, annotations, signal)
  }

  /** What waited runs from now on. */
  async approve(
    record: StoredExecutingApp,
    by: { readonly name: string; readonly note?: string | undefined },
    signal: AbortSignal,
  ): Promise<StoredExecutingApp> {
    const { update, hold: _, peer, ...runs } = record.spec
    const at = kubeTime(this.#deps.clock.now())
    const approval = { by: by.name, at, ...(by.note !== undefined && { note: by.note }) }
    const { hold: _hold, ...part } = update ?? { ...runs, hold: undefined }
    const annotations = withoutRefusal(record, this.#acceptedNow())
    return await this.#update(record, { peer, ...part, approval }, annotations, signal)
  }

  /** What was kept from running runs from now on. What was approved before it was stopped still is. */
  async release(record: StoredExecutingApp, signal: AbortSignal): Promise<StoredExecutingApp> {
    const { update, hold, peer, approval, ...runs } = record.spec
    const { hold: _, ...part } = update ?? { ...runs, hold }
    const isStillApproved = hold?.state === 'Stopped' && update === undefined
    const annotations = withoutRefusal(record, this.#acceptedNow())
    const spec = { peer, ...part, ...(isStillApproved && approval && { approval }) }
    return await this.#update(record, spec, annotations, signal)
  }

  /** Of what is `Stopped` nothing runs any more; what is rejected otherwise may be an update alone. */
  async keepFromRunning(
    record: StoredExecutingApp,
    hold: Omit<Hold, 'since'>,
    signal: AbortSignal,
  ): Promise<StoredExecutingApp> {
    const since = kubeTime(this.#deps.clock.now())
    const { update } = record.spec
    const spec: ExecutingAppSpec =
      update !== undefined && hold.state !== 'Stopped'
        ? { ...record.spec, update: { ...update, hold: { ...hold, since } } }
        : { ...record.spec, hold: { ...hold, since } }
    return await this.#update(record, spec, record.metadata.annotations ?? {}, signal)
  }

  #acceptedNow(): Record<string, string> {
    return { [Annotation.AcceptedAt]: kubeTime(this.#deps.clock.now()) }
  }

  /** Its secret values are written before anything names them. */
  async #writePart(submitted: Submitted): Promise<SubmittedPart> {
    const { peer, uid, submission, signal } = submitted
    const namespace = await this.#deps.store.namespaces.ensure(peer.fingerprint, signal)
    const name = executingAppName(submission.name, peer.fingerprint, uid)
    const { part, values } = partOf(submitted, name)
    if (values !== undefined && part.secretValues !== undefined) {
      const labels = appLabels({ submitter: part.submitter, peer: peerOf(submitted) })
      const { secretName } = part.secretValues
      await this.#deps.secretValues.write(namespace, secretName, values, labels, signal)
    }
    return part
  }

  async #write(
    { peer, uid, submission, signal }: Submitted,
    record: StoredExecutingApp | undefined,
    spec: ExecutingAppSpec,
    change: Record<string, string> = {},
  ): Promise<void> {
    if (record !== undefined) {
      await this.#update(record, spec, withoutRefusal(record, change), signal)
      return
    }
    const metadata = {
      name: executingAppName(submission.name, peer.fingerprint, uid),
      namespace: peerNamespace(peer.fingerprint),
      labels: appLabels(spec),
      annotations: change,
    }
    try {
      await this.#deps.client.create(
        ExecutingAppKind,
        { apiVersion: GROUP_VERSION, kind: 'ExecutingApp', metadata, spec },
        { signal },
      )
    } catch (error) {
      if (isNotFound(error)) this.#deps.store.namespaces.forget(peer.fingerprint)
      // Sent twice at once: whoever came second reads what the first has made, and judges again.
      if (error instanceof KubeError && isAlreadyExists(error))
        throw new KubeError({ status: 409, reason: 'Conflict', message: error.message })
      throw error
    }
  }

  /** Refused as a conflict if the record changed since it was read. */
  async #update(
    record: StoredExecutingApp,
    spec: ExecutingAppSpec,
    annotations: Record<string, string>,
    signal: AbortSignal,
  ): Promise<StoredExecutingApp> {
    const labels = { ...record.metadata.labels, ...appLabels(spec) }
    const next: ExecutingApp = {
      ...record,
      metadata: { ...record.metadata, labels, annotations },
      spec,
    }
    return await this.#deps.client.update(ExecutingAppKind, next, { signal })
  }
}

function withoutRefusal(
  { metadata }: StoredExecutingApp,
  change: Record<string, string>,
): Record<string, string> {
  const { [Annotation.RefusedUpdate]: _, ...annotations } = metadata.annotations ?? {}
  return { ...annotations, ...change }
}

function isOf({ spec }: StoredExecutingApp, peer: CallingPeer, uid: string): boolean {
  return spec.peer.fingerprint === peer.fingerprint && spec.submitter.uid === uid
}

const peerOf = ({ peer: { name, fingerprint } }: Submitted): ExecutingAppSpec['peer'] => ({
  name,
  fingerprint,
})

function submitterOf({ uid, submission }: Submitted): ExecutingAppSpec['submitter'] {
  const { namespace, name, generation, epoch } = submission
  return { uid, namespace, name, generation, epoch }
}

function partOf(
  submitted: Submitted,
  name: string,
): { readonly part: SubmittedPart; readonly values: string | undefined } {
  const { submission, policyRevision } = submitted
  const { app, values } = splitSecretValues(submission.spec)
  const { restartedAt, specHash } = submission
  const part = {
    submitter: submitterOf(submitted),
    specHash,
    policyRevision,
    ...(restartedAt !== undefined && { restartedAt }),
    app,
    ...(values !== undefined && { secretValues: { secretName: secretValuesName(name, specHash) } }),
  }
  return { part, values }
}
