import { headerBytes, maxPayloadBytes } from './frame.ts'

/** What the scheduler sees of a stream. */
export interface Flow {
  /** Bytes that could go now: written, and within the stream's window. */
  readonly readyBytes: number
  /** All bytes are gone and the Close is to follow. */
  readonly readyToClose: boolean
  readonly isBulk: boolean
}

/** One frame's worth of one flow. */
export interface Turn<F extends Flow> {
  readonly flow: F
  /** Payload of the Data frame; zero for the Close. */
  readonly bytes: number
}

/**
 * Chooses whose frame is next. Interactive flows go before bulk, but bulk gets an eighth of the
 * bytes when both have some. Within a class flows take turns by deficit round robin; a flow that
 * had nothing to send for a while goes first once, which is what makes a keystroke overtake a
 * hundred downloads. (Control frames are not seen here: the session sends them before all else.)
 */
export class SendScheduler<F extends Flow> {
  readonly #interactive = new Ring<F>(interactiveQuantumBytes)
  readonly #bulk = new Ring<F>(bulkQuantumBytes)
  readonly #slots = new Map<F, Slot<F>>()
  /** Bytes that bulk may send before interactive goes on. */
  #bulkCredit = 0

  /** The flow has something to send, or may have. Harmless if it is known already. */
  activate(flow: F): void {
    if (this.#slots.has(flow)) return
    const slot: Slot<F> = {
      flow,
      deficit: 0,
      list: undefined,
      previous: undefined,
      next: undefined,
    }
    this.#slots.set(flow, slot)
    this.#ringOf(flow).enter(slot)
  }

  /** The flow is over. */
  remove(flow: F): void {
    const slot = this.#slots.get(flow)
    if (slot === undefined) return
    slot.list?.remove(slot)
    this.#slots.delete(flow)
  }

  /**
   * The next frame, given how many bytes of each class the session may send now (headers included).
   * Undefined: nothing is ready, or not enough may be sent to be worth a frame.
   */
  next(allowance: number, bulkAllowance: number): Turn<F> | undefined {
    const interactive = this.#frontOf(this.#interactive)
    const bulk = this.#frontOf(this.#bulk)
    if (bulk === undefined) this.#bulkCredit = 0
    if (interactive === undefined) {
      return bulk === undefined ? undefined : this.#turn(this.#bulk, bulk, bulkAllowance)
    }
    if (bulk !== undefined && this.#bulkCredit >= bulkPieceBytes) {
      const turn = this.#turn(this.#bulk, bulk, Math.min(bulkAllowance, this.#bulkCredit))
      if (turn !== undefined) {
        this.#bulkCredit -= cost(turn.bytes)
        return turn
      }
    }
    const turn = this.#turn(this.#interactive, interactive, allowance)
    if (turn !== undefined && bulk !== undefined) {
      this.#bulkCredit = Math.min(bulkPieceBytes * 2, this.#bulkCredit + cost(turn.bytes) / 7)
    }
    return turn
  }

  #turn(ring: Ring<F>, slot: Slot<F>, allowance: number): Turn<F> | undefined {
    const ready = slot.flow.readyBytes
    const fits = Math.floor(allowance) - headerBytes
    const fair = ring.isShared ? Math.max(slot.deficit, smallestPieceBytes) : maxPayloadBytes
    const bytes = Math.min(ready, fits, fair, maxPayloadBytes)
    // Crumbs cost more in headers than they are worth; the next acknowledgement makes room for a loaf.
    if (ready > 0 && bytes < Math.min(ready, smallestPieceBytes)) return undefined
    slot.deficit -= cost(Math.max(0, bytes))
    return { flow: slot.flow, bytes: Math.max(0, bytes) }
  }

  /** Whose turn it is in the ring; flows that ran dry or changed class leave it on the way. */
  #frontOf(ring: Ring<F>): Slot<F> | undefined {
    for (;;) {
      const slot = ring.front()
      if (slot === undefined) return undefined
      if (this.#ringOf(slot.flow) !== ring) {
        this.#ringOf(slot.flow).enter(slot)
      } else if (slot.flow.readyBytes === 0 && !slot.flow.readyToClose) {
        if (ring.retire(slot)) this.#slots.delete(slot.flow)
      } else {
        return slot
      }
    }
  }

  #ringOf(flow: F): Ring<F> {
    return flow.isBulk ? this.#bulk : this.#interactive
  }
}

/** Payload per turn when flows compete. Small: it is what an echo waits for, times the flows before it. */
const interactiveQuantumBytes = 8 * 1024
const bulkQuantumBytes = 64 * 1024
/** Bulk's eighth is paid out in pieces of this size. */
const bulkPieceBytes = 16 * 1024
const smallestPieceBytes = 4 * 1024

function cost(bytes: number): number {
  return bytes + headerBytes
}

/** A flow's place in a ring. A list of these lets it leave from the middle at no cost when it is reset. */
interface Slot<F> {
  readonly flow: F
  /** Bytes it may send before it goes to the back. */
  deficit: number
  list: SlotList<F> | undefined
  previous: Slot<F> | undefined
  next: Slot<F> | undefined
}

/** Deficit round robin with two lists: flows that just became active, and the rest. */
class Ring<F extends Flow> {
  readonly #quantum: number
  readonly #fresh = new SlotList<F>()
  readonly #rest = new SlotList<F>()

  constructor(quantum: number) {
    this.#quantum = quantum
  }

  get isShared(): boolean {
    return this.#fresh.size + this.#rest.size > 1
  }

  enter(slot: Slot<F>): void {
    slot.deficit = this.#quantum
    this.#fresh.append(slot)
  }

  front(): Slot<F> | undefined {
    for (;;) {
      const slot = this.#fresh.first ?? this.#rest.first
      if (slot === undefined || slot.deficit > 0) return slot
      slot.deficit += this.#quantum
      this.#rest.append(slot)
    }
  }

  /**
   * The front has nothing to send. It leaves only from behind the others: a flow that could leave
   * and enter again at once as fresh would overtake them for ever. True if it left.
   */
  retire(slot: Slot<F>): boolean {
    if (slot.list === this.#fresh && this.#rest.size > 0) {
      this.#rest.append(slot)
      return false
    }
    slot.list?.remove(slot)
    return true
  }
}

class SlotList<F> {
  first: Slot<F> | undefined
  #last: Slot<F> | undefined
  size = 0

  /** Takes the slot to the end of this list, wherever it was. */
  append(slot: Slot<F>): void {
    slot.list?.remove(slot)
    slot.list = this
    slot.previous = this.#last
    if (this.#last === undefined) this.first = slot
    else this.#last.next = slot
    this.#last = slot
    this.size += 1
  }

  remove(slot: Slot<F>): void {
    if (slot.previous === undefined) this.first = slot.next
    else slot.previous.next = slot.next
    if (slot.next === undefined) this.#last = slot.previous
    else slot.next.previous = slot.previous
    slot.previous = undefined
    slot.next = undefined
    slot.list = undefined
    this.size -= 1
  }
}
