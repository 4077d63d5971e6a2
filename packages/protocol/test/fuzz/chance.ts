import type { Random } from '../../src/index.ts'
import { seededRandom } from '../support/virtual-time.ts'

/** Everything a case does by chance comes from here, so that its seed says all of it. */
export class Chance {
  readonly random: Random

  constructor(seed: number) {
    this.random = seededRandom(seed)
  }

  /** A whole number from 0, below `bound`. */
  below(bound: number): number {
    return Math.floor(this.random.next() * bound)
  }

  /** Both ends included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1)
  }

  oneIn(times: number): boolean {
    return this.below(times) === 0
  }

  pick<T>(list: readonly T[]): T {
    const item = list[this.below(list.length)]
    if (item === undefined) throw new Error('There is nothing to pick from')
    return item
  }

  /** Mostly small, at times at a power of two or beside it: where bounds are. */
  size(most: number): number {
    const magnitude = this.below(Math.ceil(Math.log2(most)) + 1)
    const near = 2 ** magnitude + this.between(-1, 1)
    return Math.max(0, Math.min(most, this.oneIn(2) ? near : this.below(near + 1)))
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let at = 0; at < length; at += 1) bytes[at] = this.below(256)
    return bytes
  }

  /** The same bytes in pieces. Copies: who gets bytes may keep them. */
  cut(bytes: Uint8Array): Uint8Array[] {
    const pieces: Uint8Array[] = []
    const most = Math.max(
      this.pick([1, 3, 11, 64, 1_000, 20_000, 200_000]),
      bytes.length / mostPieces,
    )
    for (let at = 0; at < bytes.length;) {
      const end = at + Math.ceil(this.oneIn(2) ? most : this.between(1, most))
      pieces.push(bytes.slice(at, end))
      at = end
    }
    return pieces
  }
}

/** A megabyte byte by byte says no more than its first hundreds, and takes a hundred times as long. */
const mostPieces = 200

/** Seeds of neighbouring cases must have nothing in common. */
export function caseSeed(seed: number, target: string, index: number): number {
  let mixed = seed >>> 0
  for (const char of `${target}:${index}`) {
    mixed = Math.imul(mixed ^ char.charCodeAt(0), 0x01000193) >>> 0
    mixed = (mixed ^ (mixed >>> 13)) >>> 0
  }
  return Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b) >>> 0
}
