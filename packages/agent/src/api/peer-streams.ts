import type { Duplex } from 'node:stream'
import type { PorpulsionError } from '@porpulsion/contract'
import type { CallingPeer } from './calling-peer.ts'

export interface PeerStreamsOptions<Target> {
  readonly maxPerPeer: number
  /** Why a peer may not have it open (any more); undefined if it may. */
  readonly refusal: (peer: CallingPeer, target: Target) => PorpulsionError | undefined
  /** Ends one that is no longer allowed. Left out: destroys it. */
  readonly cut?: (stream: Duplex, error: PorpulsionError) => void
}

/** What peers have open here in apps of theirs: so many for each, and only for as long as they may. */
export class PeerStreams<Target extends { readonly app: string }> {
  readonly #options: PeerStreamsOptions<Target>
  readonly #open = new Set<OpenStream<Target>>()
  readonly #countByPeer = new Map<string, number>()

  constructor(options: PeerStreamsOptions<Target>) {
    this.#options = options
  }

  isFull({ fingerprint }: CallingPeer): boolean {
    return (this.#countByPeer.get(fingerprint) ?? 0) >= this.#options.maxPerPeer
  }

  /** It counts before it stands, as starting it is what costs, and until its stream is closed. */
  async start<T extends { readonly stream: Duplex }>(
    { fingerprint }: CallingPeer,
    start: () => Promise<T>,
  ): Promise<T> {
    this.#count(fingerprint, 1)
    try {
      const started = await start()
      started.stream.once('close', () => this.#count(fingerprint, -1))
      return started
    } catch (error) {
      this.#count(fingerprint, -1)
      throw error
    }
  }

  /** From here on the stream ends with the right to it. */
  hold(peer: CallingPeer, target: Target, stream: Duplex): void {
    const open = { peer, target, stream }
    this.#open.add(open)
    stream.once('close', () => this.#open.delete(open))
    // Whoever uses the stream hears of it too; without a listener the process would end.
    stream.on('error', () => undefined)
  }

  /** A rule that only held at the start would not bind whoever keeps a stream open. */
  cutForbidden(): void {
    this.#cutForbidden(this.#open)
  }

  /** The same, where only one app of a peer has changed. */
  cutForbiddenIn(fingerprint: string, app: string): void {
    this.#cutForbidden(
      [...this.#open].filter(
        ({ peer, target }) => peer.fingerprint === fingerprint && target.app === app,
      ),
    )
  }

  cutAll(): void {
    for (const { stream } of this.#open) stream.destroy()
  }

  #cutForbidden(streams: Iterable<OpenStream<Target>>): void {
    const { refusal, cut = destroy } = this.#options
    for (const { peer, target, stream } of streams) {
      const error = refusal(peer, target)
      if (error !== undefined) cut(stream, error)
    }
  }

  #count(fingerprint: string, difference: 1 | -1): void {
    const left = (this.#countByPeer.get(fingerprint) ?? 0) + difference
    if (left > 0) this.#countByPeer.set(fingerprint, left)
    else this.#countByPeer.delete(fingerprint)
  }
}

interface OpenStream<Target> {
  readonly peer: CallingPeer
  readonly target: Target
  readonly stream: Duplex
}

function destroy(stream: Duplex, error: PorpulsionError): void {
  stream.destroy(error)
}
