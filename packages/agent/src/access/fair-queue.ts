import { PorpulsionError } from '@porpulsion/contract'

export interface FairQueueOptions {
  /** Work in hand at once. */
  readonly concurrency: number
  /** Waiting in all. At the bound whoever has most waiting loses the last of it, also in favour of a newcomer. */
  readonly maxWaiting: number
}

/** Work that is dear, taken in turn from whoever asks for it: one who asks a thousand times delays others by one. */
export interface FairQueue {
  /** `key`: who asks. Rejects with `RateLimited` when there is no room. */
  run<R>(key: string, work: () => Promise<R>): Promise<R>
}

interface Waiting {
  readonly start: () => void
  readonly refuse: () => void
}

export function createFairQueue({ concurrency, maxWaiting }: FairQueueOptions): FairQueue {
  /** Whose turn is next comes first. Empty lines are removed. */
  const lines = new Map<string, Waiting[]>()
  let running = 0
  let waiting = 0

  function next(): void {
    for (const [key, line] of lines) {
      const first = line.shift()
      lines.delete(key)
      // To the back of the queue.
      if (line.length > 0) lines.set(key, line)
      if (first === undefined) continue
      waiting--
      first.start()
      return
    }
  }

  /** `undefined` when nobody has more waiting than the newcomer would. */
  function longestLine(newcomer: string): Waiting[] | undefined {
    let longest: Waiting[] = []
    for (const line of lines.values()) if (line.length > longest.length) longest = line
    return longest.length > (lines.get(newcomer)?.length ?? 0) + 1 ? longest : undefined
  }

  function wait(key: string): Promise<void> {
    if (waiting >= maxWaiting) {
      const longest = longestLine(key)
      if (longest === undefined) return Promise.reject(tooBusy())
      longest.pop()?.refuse()
      waiting--
    }
    waiting++
    return new Promise((resolve, reject) => {
      const entry = { start: resolve, refuse: () => reject(tooBusy()) }
      const line = lines.get(key)
      if (line === undefined) lines.set(key, [entry])
      else line.push(entry)
    })
  }

  return {
    async run(key, work) {
      if (running >= concurrency) await wait(key)
      // Whoever waited takes over the place of the one that ended.
      else running++
      try {
        return await work()
      } finally {
        if (waiting > 0) next()
        else running--
      }
    },
  }
}

const tooBusy = (): PorpulsionError =>
  new PorpulsionError(
    'LimitExceeded',
    'RateLimited',
    'Too many people sign in at once; try again in a moment',
    { retryAfterSeconds: 2 },
  )
