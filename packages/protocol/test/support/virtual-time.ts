import { createHash } from 'node:crypto'
import type { CancelTimer, Clock, Defer, Random } from '../../src/index.ts'

/** Time that moves only when told to, and does all that is due on the way, in order. */
export class VirtualTime implements Clock {
  #now = 0
  #count = 0
  #timers: { readonly at: number; readonly order: number; readonly run: () => void }[] = []
  #deferred: (() => void)[] = []

  readonly defer: Defer = (callback) => {
    this.#deferred.push(callback)
  }

  now(): number {
    return this.#now
  }

  schedule(delayMs: number, callback: () => void): CancelTimer {
    const timer = { at: this.#now + delayMs, order: this.#count++, run: callback }
    const index = this.#timers.findLastIndex((other) => other.at <= timer.at)
    this.#timers.splice(index + 1, 0, timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Runs what was left for the end of the tick. */
  settle(): void {
    for (let rounds = 0; this.#deferred.length > 0; rounds += 1) {
      if (rounds > 100_000) throw new Error('The sessions never come to rest')
      const callbacks = this.#deferred
      this.#deferred = []
      for (const callback of callbacks) callback()
    }
  }

  advance(ms: number): void {
    const end = this.#now + ms
    this.settle()
    for (;;) {
      const timer = this.#timers[0]
      if (timer === undefined || timer.at > end) break
      this.#timers.shift()
      // Not back to when it was due: the process may have slept past it.
      this.#now = Math.max(this.#now, timer.at)
      timer.run()
      this.settle()
    }
    this.#now = end
  }

  /** The process does not run for so long: time passes, nothing happens, then all timers are late. */
  oversleep(ms: number): void {
    this.#now += ms
  }
}

/** Mulberry32: small, and the same on every machine. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return {
    next: () => {
      state = (state + 0x6d2b79f5) >>> 0
      let mixed = Math.imul(state ^ (state >>> 15), state | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
    },
  }
}

/** Bytes that differ from place to place, so that what is lost, doubled or swapped is seen. */
export function patternBytes(length: number, seed = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4))
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1
  for (let at = 0; at < words.length; at += 1) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[at] = state
  }
  return new Uint8Array(words.buffer, 0, length)
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** Stands for many bytes in an assertion: comparing megabytes one by one takes a test runner seconds. */
export function digest(bytes: Uint8Array): string {
  return `${bytes.length} bytes ${createHash('sha256').update(bytes).digest('hex')}`
}
