import type { Clock } from '../observability/index.ts'
import { canTalk, type Directory, type PeerLinks } from './neighbours.ts'

export interface LinkWatchDeps {
  readonly links: Pick<PeerLinks, 'view' | 'onChange'>
  readonly peers: Directory
  readonly clock: Clock
}

/** A link that is back within this time was never gone as far as anybody has to know. */
const HYSTERESIS_MS = 3_000
/** After a start links need a moment to come up. */
const START_GRACE_MS = 10_000

export type LinkNow =
  | { readonly kind: 'up' }
  | {
      readonly kind: 'down'
      readonly sinceMs: number
      /** What is known of the other side may be out of date by now. */
      readonly isStale: boolean
      /** Until then it may come back unnoticed. */
      readonly staleInMs: number
    }

/** Since when each link is down. A link that is down redials, and each attempt begins a new state of its own. */
export class LinkWatch {
  readonly #deps: LinkWatchDeps
  readonly #states = new Map<string, { readonly isUp: boolean; readonly sinceMs: number }>()
  readonly #startedAtMs: number

  constructor(deps: LinkWatchDeps) {
    this.#deps = deps
    this.#startedAtMs = deps.clock.now()
    // Seen while it was up, also when no app asked: else a link that goes would look as if it had never been there.
    deps.links.onChange((fingerprint) => this.now(fingerprint))
  }

  /** Tells which link went up or down, not every step of a redial. */
  onChange(listener: (fingerprint: string) => void): () => void {
    const told = new Map<string, boolean>()
    return this.#deps.links.onChange((fingerprint) => {
      const isUp = this.now(fingerprint).kind === 'up'
      if (told.get(fingerprint) === isUp) return
      told.set(fingerprint, isUp)
      listener(fingerprint)
    })
  }

  now(fingerprint: string): LinkNow {
    const { clock, links, peers } = this.#deps
    const peer = peers.byFingerprint(fingerprint)
    const isUp = peer !== undefined && canTalk(peer, links.view(fingerprint))
    const known = this.#states.get(fingerprint)
    // At first sight a link that is down has been so since we are here.
    const sinceMs = known === undefined ? this.#startedAtMs : clock.now()
    const state = known?.isUp === isUp ? known : { isUp, sinceMs }
    this.#states.set(fingerprint, state)
    if (isUp) return { kind: 'up' }
    const staleAtMs = Math.max(state.sinceMs + HYSTERESIS_MS, this.#startedAtMs + START_GRACE_MS)
    const staleInMs = Math.max(0, staleAtMs - clock.now())
    return { kind: 'down', sinceMs: state.sinceMs, isStale: staleInMs === 0, staleInMs }
  }
}
