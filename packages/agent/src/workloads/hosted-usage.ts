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
import type { SettingsInForce } from './neighbours.ts'

export interface HostedUsageDeps {
  readonly records: Pick<KubeHostedAppStore['records'], 'on' | 'list'>
  readonly settings: SettingsInForce
  readonly rulesOf: (fingerprint: string) => PeerRules
}

interface Reservation {
  readonly fingerprint: string
  readonly spec: AppSpec
  readonly specHash: string
  isWritten: boolean
}

export class HostedUsage {
  readonly #deps: HostedUsageDeps
  #ledger = createUsageLedger()
  readonly #records = new Map<string, ExecutingApp>()
  /** Accepted, and not yet seen in a record. One per app: the latest submission is the one that will stand. */
  readonly #reserved = new Map<string, Reservation>()

  constructor(deps: HostedUsageDeps) {
    this.#deps = deps
    deps.records.on(({ kind, object }) => {
      const key = keyOf(object)
      if (kind === 'deleted') this.#records.delete(key)
      else this.#records.set(key, object)
      this.#seen(key, kind === 'deleted' ? undefined : object)
      this.#count(key, object.spec.peer.fingerprint)
    })
    // The owner's defaults are part of what an app takes.
    deps.settings.onChange(() => this.#recount())
  }

  /** What all apps but this one take. */
  besides(fingerprint: string, uid: string): OtherUsage {
    return this.#ledger.besides(appKey(fingerprint, uid), fingerprint)
  }

  /**
   * Counted from now on, so that of many apps that come at once no two are given the same room. Settle it when the
   * record is written, or is not going to be.
   */
  reserve(
    { fingerprint, uid }: { readonly fingerprint: string; readonly uid: string },
    submission: { readonly spec: AppSpec; readonly specHash: string },
  ): { settle(outcome: 'written' | 'failed'): void } {
    const key = appKey(fingerprint, uid)
    const { spec, specHash } = submission
    const reservation: Reservation = { fingerprint, spec, specHash, isWritten: false }
    this.#reserved.set(key, reservation)
    this.#count(key, fingerprint)
    return {
      settle: (outcome) => {
        if (this.#reserved.get(key) !== reservation) return
        if (outcome === 'failed') this.#reserved.delete(key)
        else {
          reservation.isWritten = true
          this.#seen(key, this.#records.get(key))
        }
        this.#count(key, fingerprint)
      },
    }
  }

  /** Once the cache shows what was reserved for, its record speaks for itself. */
  #seen(key: string, record: ExecutingApp | undefined): void {
    const reservation = this.#reserved.get(key)
    if (reservation === undefined) return
    const shown = [record?.spec.specHash, record?.spec.update?.specHash]
    const isShown = shown.includes(reservation.specHash)
    const isGone = record === undefined && reservation.isWritten
    if (isShown || isGone) this.#reserved.delete(key)
  }

  #count(key: string, fingerprint: string): void {
    const record = this.#records.get(key)
    const specs = [record?.spec.app, record?.spec.update?.app, this.#reserved.get(key)?.spec]
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
    for (const [key, { fingerprint }] of this.#reserved) this.#count(key, fingerprint)
  }
}

const keyOf = ({ spec }: ExecutingApp): string => appKey(spec.peer.fingerprint, spec.submitter.uid)
