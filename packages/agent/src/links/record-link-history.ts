/** Keeps what became of every link: in memory as it happens, in the cluster every few minutes and at the end. */
import type { DocumentStore } from '../documents/index.ts'
import { createTasks, type Clock, type Logger } from '../observability/index.ts'
import type { LinkView, PeerDirectory } from '../peers/index.ts'
import type { Links } from './links-api.ts'
import {
  noPast,
  recalled,
  SAMPLE_INTERVAL_MS,
  withChange,
  withSample,
  type LinkPast,
} from './link-history.ts'
import { decodePasts, encodePasts } from './saved-link-history.ts'

export interface LinkHistoryDeps {
  readonly links: Pick<Links, 'view' | 'facts' | 'onChange'>
  readonly directory: Pick<PeerDirectory, 'list' | 'onChange'>
  /** ConfigMap `porpulsion-link-history`. */
  readonly store: DocumentStore
  readonly clock: Clock
  readonly logger: Logger
}

export interface LinkHistory {
  /** Reads what an earlier run saved, if it can: nothing waits for a history. */
  start(signal: AbortSignal): Promise<void>
  of(fingerprint: string): LinkPast
  /** Saves, then stops. Idempotent. */
  stop(): Promise<void>
}

/** Each write is one of the cluster's; what a killed agent loses is no more than this. */
export const SAVE_INTERVAL_MS = 5 * 60_000
/** What a stop may wait for a cluster that does not answer. */
const LAST_SAVE_MS = 2_000

export function recordLinkHistory(deps: LinkHistoryDeps): LinkHistory {
  return new LinkHistoryRecorder(deps)
}

/** One peer since the last sample. */
interface Recording {
  past: LinkPast
  receivedBytes: number
  sentBytes: number
  connectedMs: number
  /** While it is up: since when that is not in `connectedMs`. */
  upSinceMs: number | undefined
}

class LinkHistoryRecorder implements LinkHistory {
  readonly #deps: LinkHistoryDeps
  readonly #tasks: ReturnType<typeof createTasks>
  readonly #peers = new Map<string, Recording>()
  readonly #unsubscribe: (() => void)[] = []
  #saved: ReadonlyMap<string, LinkPast> = new Map()
  #version: string | undefined
  #sampledAtMs = 0
  #savedAtMs = 0
  #cancelSample: (() => void) | undefined
  #stopped: Promise<void> | undefined

  constructor(deps: LinkHistoryDeps) {
    this.#deps = deps
    this.#tasks = createTasks(deps.logger)
  }

  async start(signal: AbortSignal): Promise<void> {
    const { links, directory, clock } = this.#deps
    await this.#recall(signal)
    this.#sampledAtMs = this.#savedAtMs = clock.now()
    this.#unsubscribe.push(
      directory.onChange(() => this.#follow()),
      links.onChange((fingerprint, view) => this.#changed(fingerprint, view)),
    )
    this.#follow()
    this.#sampleLater()
  }

  of(fingerprint: string): LinkPast {
    return this.#peers.get(fingerprint)?.past ?? noPast
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    for (const off of this.#unsubscribe.splice(0)) off()
    this.#cancelSample?.()
    const { clock } = this.#deps
    const limit = new AbortController()
    const cancel = clock.setTimeout(() => limit.abort(), LAST_SAVE_MS)
    await this.#tasks.stop()
    if (this.#peers.size > 0) await this.#save(limit.signal)
    cancel()
  }

  /** What cannot be read is not worth keeping a cluster waiting for, and is replaced by the next save. */
  async #recall(signal: AbortSignal): Promise<void> {
    const { store, logger } = this.#deps
    try {
      const stored = await store.read(signal)
      this.#version = stored?.version
      if (stored !== undefined) this.#saved = await decodePasts(stored.text)
    } catch (err) {
      signal.throwIfAborted()
      logger.warn({ err, record: store.description }, 'Began a new link history')
    }
  }

  /** Who is a peer no more is forgotten, and with the next save for good. */
  #follow(): void {
    const { directory, links } = this.#deps
    const present = new Set(directory.list().map(({ fingerprint }) => fingerprint))
    for (const fingerprint of this.#peers.keys())
      if (!present.has(fingerprint)) this.#peers.delete(fingerprint)
    for (const fingerprint of present) {
      if (this.#peers.has(fingerprint)) continue
      this.#begin(fingerprint)
      this.#changed(fingerprint, links.view(fingerprint))
    }
    // A removed peer that comes back begins anew.
    this.#saved = new Map()
  }

  #begin(fingerprint: string): void {
    const saved = this.#saved.get(fingerprint) ?? noPast
    const { receivedBytes, sentBytes } = this.#deps.links.facts(fingerprint)
    this.#peers.set(fingerprint, {
      past: recalled(saved, this.#deps.clock.now()),
      receivedBytes,
      sentBytes,
      connectedMs: 0,
      upSinceMs: undefined,
    })
  }

  #changed(fingerprint: string, view: LinkView): void {
    const recording = this.#peers.get(fingerprint)
    if (recording === undefined) return
    const { state, message, transport, direction } = view
    const nowMs = this.#deps.clock.now()
    recording.past = withChange(recording.past, {
      atMs: nowMs,
      state,
      ...(message !== undefined && { message }),
      ...(transport !== undefined && { transport }),
      ...(direction !== undefined && { direction }),
    })
    const isUp = state === 'Connected' || state === 'Suspect'
    countUp(recording, nowMs)
    recording.upSinceMs = isUp ? nowMs : undefined
  }

  #sampleLater(): void {
    this.#cancelSample = this.#deps.clock.setTimeout(() => {
      this.#sample()
      this.#sampleLater()
    }, SAMPLE_INTERVAL_MS)
  }

  #sample(): void {
    const { clock, links } = this.#deps
    const nowMs = clock.now()
    for (const [fingerprint, recording] of this.#peers) {
      const { latencyMs, receivedBytes, sentBytes } = links.facts(fingerprint)
      countUp(recording, nowMs)
      recording.past = withSample(recording.past, {
        atMs: this.#sampledAtMs,
        ...(latencyMs !== undefined && { latencyMs: tenths(latencyMs) }),
        receivedBytes: Math.max(0, receivedBytes - recording.receivedBytes),
        sentBytes: Math.max(0, sentBytes - recording.sentBytes),
        connectedSeconds: Math.round(recording.connectedMs / 1_000),
      })
      Object.assign(recording, { receivedBytes, sentBytes, connectedMs: 0 })
    }
    this.#sampledAtMs = nowMs
    if (nowMs - this.#savedAtMs < SAVE_INTERVAL_MS || this.#peers.size === 0) return
    this.#savedAtMs = nowMs
    this.#tasks.run('save link history', (signal) => this.#save(signal))
  }

  /** Ours alone: whoever changed it meanwhile is overwritten, and a failure is mended by the next save. */
  async #save(signal: AbortSignal): Promise<void> {
    const { store, logger } = this.#deps
    try {
      const pasts = new Map([...this.#peers].map(([fingerprint, { past }]) => [fingerprint, past]))
      const text = await encodePasts(pasts)
      const written =
        (await store.write(text, this.#version, signal)) ??
        (await store.write(text, (await store.read(signal))?.version, signal))
      this.#version = written?.version
    } catch (err) {
      if (!signal.aborted) logger.warn({ err, record: store.description }, 'Could not save it')
    }
  }
}

/** Takes the time up to now into account. */
function countUp(recording: Recording, nowMs: number): void {
  if (recording.upSinceMs === undefined) return
  recording.connectedMs += Math.max(0, nowMs - recording.upSinceMs)
  recording.upSinceMs = nowMs
}

const tenths = (value: number): number => Math.round(value * 10) / 10
