/**
 * What this submitter knows of its apps at their hosts, and how it learns: verdicts, reports, inventories. In memory,
 * because all of it comes again after a restart.
 */
import type { Inventory, InventoryReply, StatusReport } from '@porpulsion/contract'
import { AppReason } from '@porpulsion/contract'
import { compareInventory, type WantedApp } from './inventory-rules.ts'
import { bootLives, bootSeen, isNewer, noBoots, type HostBoots } from './newest-report.ts'
import { emptyRecord, type HostVerdict, type SubmissionRecord } from './submission-record.ts'

export interface SubmittedApp {
  readonly uid: string
  readonly specHash: string
  readonly isDeleting: boolean
  /** Of the status its resource shows, if that is all the host said. */
  readonly shownStatusHash: string | undefined
  readonly shownPosition: { readonly bootId: string; readonly sequence: number } | undefined
}

export class Submissions {
  readonly #records = new Map<string, SubmissionRecord>()
  /** By fingerprint. */
  readonly #boots = new Map<string, HostBoots>()

  of(uid: string): SubmissionRecord {
    return this.#records.get(uid) ?? emptyRecord
  }

  forget(uid: string): void {
    this.#records.delete(uid)
  }

  judged(uid: string, verdict: HostVerdict): void {
    this.#change(uid, { verdict, failure: undefined })
  }

  failed(uid: string, failure: SubmissionRecord['failure']): void {
    this.#change(uid, { failure })
  }

  deleting(uid: string, remaining: readonly string[]): void {
    this.#change(uid, { remaining, failure: undefined })
  }

  /** Whether the report is news. Late, repeated and reordered ones are not. */
  reported(
    fingerprint: string,
    app: SubmittedApp,
    report: StatusReport,
    receivedAtMs: number,
  ): boolean {
    const boots = bootSeen(this.#bootsOf(fingerprint, app), report.bootId)
    this.#boots.set(fingerprint, boots)
    const record = this.of(app.uid)
    if (!isNewer(report, record.report?.report ?? app.shownPosition, boots)) return false
    // The host has nothing of it: what it said before is void, and the app is submitted again if it is still wanted.
    if (report.gone === true) this.#records.set(app.uid, { remaining: [] })
    else this.#change(app.uid, { report: { report, receivedAtMs } })
    return true
  }

  /** The reply to the host, and which apps have to be looked at. */
  compared(
    fingerprint: string,
    apps: readonly SubmittedApp[],
    inventory: Inventory,
  ): { readonly reply: InventoryReply; readonly changed: readonly string[] } {
    const boots = bootLives(this.#boots.get(fingerprint) ?? noBoots, inventory.bootId)
    this.#boots.set(fingerprint, boots)
    const difference = compareInventory(
      apps.map((app) => this.#wanted(app)),
      inventory,
    )
    const byUid = new Map(apps.map((app) => [app.uid, app]))
    const statusHashes = new Map(inventory.apps.map(({ uid, statusHash }) => [uid, statusHash]))
    const agreed = difference.agreed.filter((uid) => {
      const app = byUid.get(uid)
      const isSameStatus = this.#agreeOnStatus(app, statusHashes.get(uid))
      return this.#agree(app, inventory) || isSameStatus
    })
    for (const uid of difference.toSubmit) this.#change(uid, { verdict: undefined })
    const { wanted, unknown } = difference
    return { reply: { wanted, unknown }, changed: [...agreed, ...difference.toSubmit] }
  }

  /** Before the first report of a boot is judged, what the resource shows tells which boot was current. */
  #bootsOf(fingerprint: string, { shownPosition }: SubmittedApp): HostBoots {
    const known = this.#boots.get(fingerprint)
    if (known !== undefined) return known
    return shownPosition === undefined ? noBoots : bootLives(noBoots, shownPosition.bootId)
  }

  #wanted(app: SubmittedApp): WantedApp {
    const { verdict, report } = this.of(app.uid)
    const isRefused = verdict?.verdict === 'Refused' && verdict.specHash === app.specHash
    return {
      uid: app.uid,
      specHash: app.specHash,
      isDeleting: app.isDeleting,
      statusHash: report?.report.statusHash ?? app.shownStatusHash,
      refusedUnder: isRefused ? verdict.policyRevision : undefined,
    }
  }

  /** The host runs exactly this: as good as a verdict. Whether that is news. */
  #agree(app: SubmittedApp | undefined, { policyRevision }: Inventory): boolean {
    if (app === undefined) return false
    const { uid, specHash } = app
    const { verdict } = this.of(uid)
    if (verdict?.verdict === 'Accepted' && verdict.specHash === specHash) return false
    const reason = AppReason.Accepted
    this.judged(uid, { verdict: 'Accepted', reason, message: '', policyRevision, specHash })
    return true
  }

  /** The host has this status, and of exactly this spec. Whether that is news: after a restart nobody else says it. */
  #agreeOnStatus(app: SubmittedApp | undefined, statusHash: string | undefined): boolean {
    if (app === undefined || statusHash === undefined) return false
    if (app.shownStatusHash !== statusHash) return false
    const { uid, specHash } = app
    const { report, shownSpecHash } = this.of(uid)
    if (report !== undefined || shownSpecHash === specHash) return false
    this.#change(uid, { shownSpecHash: specHash })
    return true
  }

  #change(uid: string, change: Partial<SubmissionRecord>): void {
    this.#records.set(uid, { ...this.of(uid), ...change })
  }
}
