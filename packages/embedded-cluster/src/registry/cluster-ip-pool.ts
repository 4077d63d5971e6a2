/** The addresses and node ports of Services: each given to one Service at a time. */
import { ApiError } from './api-error.ts'

/** 10.96.0.0/16: the first address is the API server's own Service, the last is broadcast. */
const firstHost = 2
const lastHost = 65_534

export class ClusterIpPool {
  readonly #prefix: string
  /** address → uid of the Service */
  readonly #taken = new Map<string, string>()
  #next = firstHost

  constructor(prefix = '10.96') {
    this.#prefix = prefix
  }

  take(address: string, ownerUid: string): void {
    this.#taken.set(address, ownerUid)
  }

  release(address: string, ownerUid: string): void {
    if (this.#taken.get(address) === ownerUid) this.#taken.delete(address)
  }

  /** A free address, or the wanted one; does not take it: the write that stores the Service does. */
  choose(wanted: string | undefined, ownerUid: string): string | ApiError {
    if (wanted !== undefined) {
      const owner = this.#taken.get(wanted)
      if (owner === undefined || owner === ownerUid) return wanted
      return new ApiError('Invalid', `provided IP ${wanted} is already allocated`)
    }
    for (let tries = firstHost; tries <= lastHost; tries += 1) {
      const host = this.#next
      this.#next = host >= lastHost ? firstHost : host + 1
      const address = `${this.#prefix}.${host >> 8}.${host & 255}`
      if (!this.#taken.has(address)) return address
    }
    return new ApiError('InternalError', 'failed to allocate a service IP: the range is full')
  }
}
