import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What runs behind the ports of an agent's apps. */
export const Port = {
  /** Gives back what it gets. */
  echo: 7,
  /** Takes the first bytes and no more. */
  deaf: 9,
  /** Never stops talking. */
  endless: 19,
} as const

/** The links of one agent, in a process of their own. */
export interface LinksProcess extends Introduction {
  readonly url: string
  /** From here on it knows this peer, confirmed. */
  know(peer: KnownThere): Promise<void>
  /** Resolves when the link to this peer is up. */
  linkedTo(peer: Pick<Introduction, 'fingerprint'>): Promise<void>
  memory(peer?: Pick<Introduction, 'fingerprint'>): Promise<Memory>
  /** Milliseconds that each of many small questions over the link took. */
  echo(peer: Pick<Introduction, 'fingerprint'>, forMs: number): Promise<readonly number[]>
  stop(): Promise<void>
}

export interface Introduction {
  readonly fingerprint: string
  readonly caCertificatePem: string
  readonly port: number
}

export interface KnownThere {
  readonly name: string
  readonly fingerprint: string
  readonly caCertificatePem: string
  readonly url?: string
}

export interface Memory {
  /** When all that can be collected is. */
  readonly retainedBytes: number
  readonly rssBytes: number
  /** Since it was asked last. */
  readonly peakRssBytes: number
  /** Processor time of each turn of its event loop since it was asked last. */
  readonly turnsMs: readonly number[]
  readonly handles: number
  /** Of the link to the peer that was asked for. */
  readonly openStreams: number
}

export type Order =
  | { readonly kind: 'introduce' }
  | { readonly kind: 'know'; readonly peer: KnownThere }
  | { readonly kind: 'state'; readonly fingerprint: string }
  | { readonly kind: 'memory'; readonly fingerprint: string }
  | { readonly kind: 'echo'; readonly fingerprint: string; readonly forMs: number }
export interface Question {
  readonly id: number
  readonly order: Order
}
export type Answer = object

const main = fileURLToPath(new URL('links-process-main.ts', import.meta.url))

export async function startLinksProcess(name: string): Promise<LinksProcess> {
  const child = fork(main, [name], { execArgv: ['--import', 'tsx', '--expose-gc'] })
  const waiting = new Map<number, (answer: Answer) => void>()
  let asked = 0
  child.on('message', ({ id, answer }: { id: number; answer: Answer }) => {
    waiting.get(id)?.(answer)
    waiting.delete(id)
  })
  const ended = new Promise<never>((_resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${name} ended with ${String(code)}`)))
  })
  ended.catch(() => undefined)
  // The child is of the same source: it answers what was asked.
  const ask = <T>(order: Order): Promise<T> => {
    const id = (asked += 1)
    const answer = new Promise<Answer>((resolve) => waiting.set(id, resolve))
    child.send({ id, order } satisfies Question)
    return Promise.race([answer, ended]) as Promise<T>
  }
  const introduction = await ask<Introduction>({ kind: 'introduce' })
  return {
    ...introduction,
    url: `http://127.0.0.1:${introduction.port}`,
    know: (peer) => ask({ kind: 'know', peer }),
    async linkedTo({ fingerprint }) {
      for (;;) {
        const { state } = await ask<{ state: string }>({ kind: 'state', fingerprint })
        if (state === 'Connected') return
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    memory: (peer) => ask({ kind: 'memory', fingerprint: peer?.fingerprint ?? '' }),
    async echo({ fingerprint }, forMs) {
      return (await ask<{ echoMs: number[] }>({ kind: 'echo', fingerprint, forMs })).echoMs
    },
    async stop() {
      if (child.exitCode !== null) return
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
    },
  }
}
