/** What the apps that run here take of the owner's totals, those included that are only just being accepted. */
import type { AppSpec, ExecutingApp } from '@porpulsion/contract'
import {
  createUsageLedger,
  larger,
  usageOf,
  type OtherUsage,
  type PeerRules,
  type Usage,
} from '../policy/index.ts'
import { appKey, type KubeHostedAppStore } from './kube-hosted-app-store.ts'
import type { ClaimingApp, LeftClaims } from './kube-left-claims.ts'
import { heldPart } from './submission-rules.ts'
import type { SettingsInForce } from './neighbours.ts'

export interface HostedUsageDeps {
  readonly records: Pick<KubeHostedAppStore['records'], 'on' | 'list'>
  readonly settings: SettingsInForce
  readonly rulesOf: (fingerprint: string) => PeerRules
  readonly leftClaims: LeftClaims
}

/** Which app of which peer; its name is the peer's too. */
interface AppOfPeer {
  readonly fingerprint: string
  readonly uid: string
}

interface Reserved {
  /** At the submitter: `namespace/name`. */
  readonly name: string
  readonly spec: AppSpec
  readonly specHash: string
  /** It is going to wait for approval. */
  readonly isHeld: boolean
}

interface Reservation extends AppOfPeer, Reserved {
  isWritten: boolean
}

export class HostedUsage {
  readonly #deps: HostedUsageDeps
  #ledger = createUsageLedger()
  readonly #records = new Map<string, ExecutingApp>()
  /** Accepted, and not yet seen in a record. Several for an app that is submitted twice at once: either may stand. */
  readonly #reserved = new Map<string, Set<Reservation>>()

  constructor(deps: HostedUsageDeps) {
    this.#deps = deps
    deps.records.on(({ kind, object }) => {
      const key = keyOf(object)
      if (kind === 'deleted') this.#records.delete(key)
      else this.#records.set(key, object)
      if (kind === 'deleted') this.#forget(key, ({ isWritten }) => isWritten)
      else this.#seen(key, object)
      this.#count(key, object.spec.peer.fingerprint)
    })
    // The owner's defaults are part of what an app takes.
    deps.settings.onChange(() => this.#recount())
  }

  /** What all apps but this one take, and the claims that apps left; not those that this one would take up again. */
  besides(fingerprint: string, uid: string, claiming?: ClaimingApp): OtherUsage {
    const { all, peer } = this.#ledger.besides(appKey(fingerprint, uid), fingerprint)
    const left = this.#deps.leftClaims.storage(fingerprint, claiming)
    return {
      all: { ...all, storage: all.storage + left.all },
      peer: { ...peer, storage: peer.storage + left.peer },
    }
  }

  /**
   * `namespace/name` at the submitter, if it is known: under a second name a uid would be a second app that nothing
   * counts, and in a second namespace it would get a second set of claims.
   */
  nameOf({ fingerprint, uid }: AppOfPeer): string | undefined {
    const key = appKey(fingerprint, uid)
    const [reserved] = this.#reserved.get(key) ?? []
    const submitter = this.#records.get(key)?.spec.submitter
    return submitter === undefined ? reserved?.name : `${submitter.namespace}/${submitter.name}`
  }

  /** How many other apps of this peer wait for approval, or are about to. */
  waitingBesides({ fingerprint, uid }: AppOfPeer): number {
    const waiting = new Set<string>()
    for (const [key, { spec }] of this.#records)
      if (spec.peer.fingerprint === fingerprint && heldPart(spec)?.hold.state === 'Pending')
        waiting.add(key)
    for (const [key, reservations] of this.#reserved)
      for (const reserved of reservations)
        if (reserved.fingerprint === fingerprint && reserved.isHeld) waiting.add(key)
    waiting.delete(appKey(fingerprint, uid))
    return waiting.size
  }

  /**
   * Counted from now on, so that of many apps that come at once no two are given the same room. Settle it when the
   * record is written, or is not going to be.
   */
  reserve(
    app: AppOfPeer,
    { name, spec, specHash, isHeld }: Reserved,
  ): { settle(outcome: 'written' | 'failed'): void } {
    const { fingerprint, uid } = app
    const key = appKey(fingerprint, uid)
    const reservation = { fingerprint, uid, name, spec, specHash, isHeld, isWritten: false }
    const reservations = this.#reserved.get(key) ?? new Set()
    this.#reserved.set(key, reservations.add(reservation))
    this.#count(key, fingerprint)
    return {
      settle: (outcome) => {
        if (outcome === 'failed') this.#forget(key, (one) => one === reservation)
        else this.#written(key, reservation)
        this.#count(key, fingerprint)
      },
    }
  }

  /** Call what it returns when the API server, asked from now on, has nothing of the app. */
  ifGone({ fingerprint, uid }: AppOfPeer): () => void {
    const key = appKey(fingerprint, uid)
    const written = [...(this.#reserved.get(key) ?? [])].filter(({ isWritten }) => isWritten)
    return () => {
      this.#forget(key, (one) => written.includes(one))
      this.#count(key, fingerprint)
    }
  }

  /** In the order they were written: the last is what stands. */
  #written(key: string, reservation: Reservation): void {
    reservation.isWritten = true
    const reservations = this.#reserved.get(key)
    if (reservations?.delete(reservation) !== true) return
    reservations.add(reservation)
    const record = this.#records.get(key)
    if (record !== undefined) this.#seen(key, record)
  }

  /** Once the cache shows what was reserved for, its record speaks for itself, and what it replaced is history. */
  #seen(key: string, { spec }: ExecutingApp): void {
    const shown = [spec.specHash, spec.update?.specHash]
    const reservations = [...(this.#reserved.get(key) ?? [])]
    const last = reservations.findLastIndex(({ specHash }) => shown.includes(specHash))
    const settled = reservations.slice(0, last + 1)
    this.#forget(
      key,
      (one) => settled.includes(one) && (one.isWritten || shown.includes(one.specHash)),
    )
  }

  #forget(key: string, which: (reservation: Reservation) => boolean): void {
    const reservations = this.#reserved.get(key)
    for (const one of reservations ?? []) if (which(one)) reservations?.delete(one)
    if (reservations?.size === 0) this.#reserved.delete(key)
  }

  #count(key: string, fingerprint: string): void {
    const record = this.#records.get(key)
    const reserved = [...(this.#reserved.get(key) ?? [])].map(({ spec }) => spec)
    const specs = [record?.spec.app, record?.spec.update?.app, ...reserved]
    const { defaults } = this.#deps.rulesOf(fingerprint).resources
    const usage = specs
      .flatMap((spec) => (spec === undefined ? [] : [usageOf(spec, defaults)]))
      .reduce<Usage | undefined>(
        (sum, one) => (sum === undefined ? one : larger(sum, one)),
        undefined,
      )
    if (usage === undefined) this.#ledger.delete(key)
    else this.#ledger.set(key, fingerprint, usage)
  }

  #recount(): void {
    this.#ledger = createUsageLedger()
    for (const [key, { spec }] of this.#records) this.#count(key, spec.peer.fingerprint)
    for (const [key, reservations] of this.#reserved)
      for (const { fingerprint } of reservations) this.#count(key, fingerprint)
  }
}

const keyOf = ({ spec }: ExecutingApp): string => appKey(spec.peer.fingerprint, spec.submitter.uid)
