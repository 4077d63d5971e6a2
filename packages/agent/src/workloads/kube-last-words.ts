import type { KubeClient, Pod, Stored } from '@porpulsion/kube'
import { LRUCache } from 'lru-cache'
import { crashedContainer } from './kube-pod-problem.ts'

const MAX_REMEMBERED = 2_000
/** Several pods of one app die of the same. */
const MAX_PODS_ASKED = 3
const TIMEOUT_MS = 3_000
const MAX_BYTES = 4_096

/** The last line a crashed container wrote: the first thing a user wants to know. Asked once per crash. */
export class KubeLastWords {
  readonly #client: KubeClient
  readonly #words = new LRUCache<string, string>({ max: MAX_REMEMBERED })

  constructor(client: KubeClient) {
    this.#client = client
  }

  of(pod: Pod): string | undefined {
    const words = this.#words.get(crashKey(pod))
    return words === '' ? undefined : words
  }

  /** Never fails: without its last words a crash is still a crash. */
  async fetch(pods: readonly Stored<Pod>[], signal: AbortSignal): Promise<void> {
    const unheard = pods.filter(
      (pod) => crashedContainer(pod) !== undefined && !this.#words.has(crashKey(pod)),
    )
    await Promise.all(unheard.slice(0, MAX_PODS_ASKED).map((pod) => this.#fetchOne(pod, signal)))
  }

  async #fetchOne(pod: Stored<Pod>, signal: AbortSignal): Promise<void> {
    const crashed = crashedContainer(pod)
    if (crashed === undefined) return
    try {
      const stream = await this.#client.logs(pod.metadata, {
        container: crashed.name,
        tailLines: 1,
        limitBytes: MAX_BYTES,
        // The present instance has said nothing of it.
        previous: crashed.runs,
        timeoutMs: TIMEOUT_MS,
        signal,
      })
      let text = ''
      for await (const chunk of stream as AsyncIterable<Buffer>) text += chunk.toString()
      this.#words.set(crashKey(pod), text.trim())
    } catch {
      // The container or its log is gone; the next crash is asked again.
      signal.throwIfAborted()
    }
  }
}

function crashKey(pod: Pod): string {
  const crashed = crashedContainer(pod)
  return [pod.metadata?.uid, crashed?.name, crashed?.restarts].join('/')
}
