/**
 * Which report of a host counts. Within one boot of its agent the sequence orders them; between boots there is no order
 * on the wire, so the order of first sight counts, and an inventory, which only a living agent sends, says who lives.
 */
export interface HostBoots {
  readonly current: string | undefined
  /** Boots that were current once: what they still have to say is old. */
  readonly superseded: readonly string[]
}

export const noBoots: HostBoots = { current: undefined, superseded: [] }

/** A message of an older boot can only be minutes late; nobody restarts that often in between. */
const maxSuperseded = 16

/** A report of this boot arrived. */
export function bootSeen(boots: HostBoots, bootId: string): HostBoots {
  return boots.superseded.includes(bootId) ? boots : bootLives(boots, bootId)
}

/** This boot is the living one, whatever was thought before. */
export function bootLives(boots: HostBoots, bootId: string): HostBoots {
  if (boots.current === bootId) return boots
  const others = boots.superseded.filter((boot) => boot !== bootId)
  const superseded = boots.current === undefined ? others : [...others, boots.current]
  return { current: bootId, superseded: superseded.slice(-maxSuperseded) }
}

export interface ReportPosition {
  readonly bootId: string
  readonly sequence: number
}

/** Whether a report replaces what is known of its app. `boots` as after `bootSeen`. */
export function isNewer(
  report: ReportPosition,
  known: ReportPosition | undefined,
  boots: HostBoots,
): boolean {
  if (boots.current !== report.bootId) return false
  return known?.bootId !== report.bootId || report.sequence > known.sequence
}
