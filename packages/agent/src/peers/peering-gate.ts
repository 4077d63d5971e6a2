/** Keeps apart what makes peers (any number at once) and what changes who we are to them (alone). */
export class PeeringGate {
  #peering = new Set<Promise<unknown>>()
  #alone: Promise<unknown> = Promise.resolve()

  /** Waits for whoever is alone. */
  async peer<T>(work: () => Promise<T>): Promise<T> {
    await this.#alone
    const running = work()
    const settled = running.catch(() => undefined)
    this.#peering.add(settled)
    void settled.then(() => this.#peering.delete(settled))
    return await running
  }

  /** Waits until nobody peers; whoever comes then waits for the end. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    const running = this.#alone.then(async () => {
      await Promise.all(this.#peering)
      return await work()
    })
    this.#alone = running.catch(() => undefined)
    return await running
  }
}
