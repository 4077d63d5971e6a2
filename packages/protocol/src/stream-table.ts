import { maxStreamId } from './frame.ts'
import type { SessionRole } from './session-api.ts'
import type { Stream } from './stream.ts'

/**
 * The streams of a session by id. The dialler has the odd ids, the acceptor the even ones, each
 * rising, so an id says for ever whether it was used: no memory of closed streams is needed to tell
 * a late frame from a lie.
 */
export class StreamTable {
  readonly #live = new Map<number, Stream>()
  /** Both directions ended on the wire, bytes still unread: the peer no longer counts these, we do. */
  readonly #lingering = new Set<Stream>()
  readonly #ourParity: 0 | 1
  #ourLastId: number
  #peerLastId: number
  #ourCount = 0
  #peerCount = 0

  constructor(role: SessionRole) {
    this.#ourParity = role === 'dialler' ? 1 : 0
    this.#ourLastId = role === 'dialler' ? -1 : 0
    this.#peerLastId = role === 'dialler' ? 0 : -1
  }

  /** Streams with something left to come on the wire. */
  get liveCount(): number {
    return this.#live.size
  }

  get ourCount(): number {
    return this.#ourCount
  }

  get peerCount(): number {
    return this.#peerCount
  }

  get lingeringCount(): number {
    return this.#lingering.size
  }

  get(id: number): Stream | undefined {
    return this.#live.get(id)
  }

  /** A snapshot: streams may end while one goes through them. */
  live(): readonly Stream[] {
    return [...this.#live.values()]
  }

  /** The stream whose reader left most bytes lying. */
  mostUnread(): Stream | undefined {
    let most: Stream | undefined
    for (const stream of [...this.#live.values(), ...this.#lingering]) {
      if (most === undefined || stream.unreadBytes > most.unreadBytes) most = stream
    }
    return most
  }

  /** Undefined when all ids were used. */
  nextId(): number | undefined {
    const id = this.#ourLastId + 2
    if (id > maxStreamId) return undefined
    this.#ourLastId = id
    return id
  }

  /** Whether the peer may open a stream with this id now; if so, the id is used up. */
  claimPeerId(id: number): boolean {
    if (id === 0 || this.#isOurs(id) || id <= this.#peerLastId) return false
    this.#peerLastId = id
    return true
  }

  /** Was there ever a stream with this id? */
  wasOpened(id: number): boolean {
    return id !== 0 && id <= (this.#isOurs(id) ? this.#ourLastId : this.#peerLastId)
  }

  add(stream: Stream): void {
    this.#live.set(stream.id, stream)
    if (stream.openedBy === 'local') this.#ourCount += 1
    else this.#peerCount += 1
  }

  /** Nothing more comes on the wire, but its bytes may still be read. */
  linger(stream: Stream): void {
    if (!this.#live.delete(stream.id)) return
    if (stream.openedBy === 'local') this.#ourCount -= 1
    else this.#peerCount -= 1
    this.#lingering.add(stream)
  }

  remove(stream: Stream): void {
    this.linger(stream)
    this.#lingering.delete(stream)
  }

  #isOurs(id: number): boolean {
    return id % 2 === this.#ourParity
  }
}
