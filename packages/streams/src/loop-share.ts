/**
 * What one connection may take of a turn of the event loop. Node reads up to two megabytes of a socket before it looks
 * at the next, and a peer that fills them with the smallest frames there are would let all others wait for a second.
 */
export class LoopShare {
  readonly #rest: () => void
  readonly #goOn: () => void
  readonly #limit: number
  #spent = 0
  #isResting = false
  #isCounting = false

  /** `rest`: no more of this connection until `goOn`, which comes after all others had their turn. */
  constructor(
    limit: number,
    { rest, goOn }: { readonly rest: () => void; readonly goOn: () => void },
  ) {
    this.#limit = limit
    this.#rest = rest
    this.#goOn = goOn
  }

  get isResting(): boolean {
    return this.#isResting
  }

  spend(amount: number): void {
    this.#spent += amount
    if (!this.#isCounting) {
      this.#isCounting = true
      setImmediate(() => this.#nextTurn())
    }
    if (this.#spent <= this.#limit || this.#isResting) return
    this.#isResting = true
    this.#rest()
  }

  #nextTurn(): void {
    this.#isCounting = false
    this.#spent = 0
    if (!this.#isResting) return
    this.#isResting = false
    this.#goOn()
  }
}
