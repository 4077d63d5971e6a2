import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'

/**
 * Gives every pod an address of its own in 127.0.0.0/8, all of which is this machine on Linux, so that pods may listen
 * on the same port. Other clusters of this machine draw from the same range; an address where anybody listens is left
 * alone, and with 16 million of them the rest is left to chance.
 *
 * Where 127.0.0.1 is the only loopback address (macOS), all pods have that one, and two that want one port do not both
 * come up.
 */
export class PodAddresses {
  readonly #inUse = new Set<string>()
  readonly #isShared: boolean

  constructor(platform: NodeJS.Platform = process.platform) {
    this.#isShared = platform !== 'linux'
  }

  allocate(): string {
    if (this.#isShared) return '127.0.0.1'
    const listening = listeningAddresses()
    for (;;) {
      // Not 127.0.x.y, where people and their tools put things by hand.
      const address = `127.${randomInt(1, 255)}.${randomInt(0, 256)}.${randomInt(1, 255)}`
      if (this.#inUse.has(address) || listening.has(address)) continue
      this.#inUse.add(address)
      return address
    }
  }

  /** An address that a pod has from before. */
  keep(address: string): void {
    this.#inUse.add(address)
  }

  release(address: string): void {
    this.#inUse.delete(address)
  }
}

function listeningAddresses(): Set<string> {
  try {
    const rows = readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)
    return new Set(rows.map((row) => hexToAddress(row.trim().split(/\s+/)[1] ?? '')))
  } catch {
    return new Set()
  }
}

/** `0100007F:1F90` is 127.0.0.1, port 8080: the kernel prints the number as it lies in memory. */
function hexToAddress(text: string): string {
  const bytes = Buffer.from(text.slice(0, 8), 'hex')
  return [...bytes.reverse()].join('.')
}
