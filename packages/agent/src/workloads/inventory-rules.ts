/** What follows from comparing what a host says it runs with what its submitter wants. */
import type { Inventory, InventoryReply } from '@porpulsion/contract'

/** What the submitter wants at this peer, and what it knows of it. */
export interface WantedApp {
  readonly uid: string
  readonly specHash: string
  readonly isDeleting: boolean
  /** Of the last status that arrived. */
  readonly statusHash: string | undefined
  /** Set when the host refused this very spec under these rules. */
  readonly refusedUnder: string | undefined
}

export interface InventoryDifference extends InventoryReply {
  /** The host has exactly this: nothing needs to be sent. */
  readonly agreed: readonly string[]
  /** The host has nothing, or something else: to be submitted (again). */
  readonly toSubmit: readonly string[]
}

export function compareInventory(
  wanted: readonly WantedApp[],
  inventory: Inventory,
): InventoryDifference {
  const atHost = new Map(inventory.apps.map((app) => [app.uid, app]))
  const known = new Set(wanted.map(({ uid }) => uid))
  const alive = wanted.filter(({ isDeleting }) => !isDeleting)
  const isAgreed = (app: WantedApp): boolean => atHost.get(app.uid)?.specHash === app.specHash
  // No blind retries: what was refused is offered again only when the rules have changed since.
  const isRefused = (app: WantedApp): boolean => app.refusedUnder === inventory.policyRevision
  return {
    wanted: alive
      .filter(({ uid, statusHash }) => {
        const hosted = atHost.get(uid)
        return hosted?.statusHash !== undefined && hosted.statusHash !== statusHash
      })
      .map(({ uid }) => uid),
    unknown: [...atHost.keys()].filter((uid) => !known.has(uid)),
    agreed: alive.filter(isAgreed).map(({ uid }) => uid),
    toSubmit: alive.filter((app) => !isAgreed(app) && !isRefused(app)).map(({ uid }) => uid),
  }
}

/** Below this a peer may withdraw all it has; above it, a fifth at once. More looks like a lost database. */
const alwaysDeletable = 5
const deletableShare = 0.2

/** Absence is no order to delete, and much absence at once is a reason to ask a person. */
export function mayDeleteUnasked(gone: number, hosted: number): boolean {
  return gone <= Math.max(alwaysDeletable, Math.floor(hosted * deletableShare))
}
