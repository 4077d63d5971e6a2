import { PorpulsionError, type ApiEvent } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import type { Client } from '../client/client.ts'
import { changes } from './changes.ts'

/** Answers each opening of the stream with the next list; the ids it was resumed from are kept. */
function streaming(...openings: (readonly ApiEvent[] | PorpulsionError)[]): {
  client: Client
  resumedFrom: (string | undefined)[]
  signals: AbortSignal[]
} {
  const resumedFrom: (string | undefined)[] = []
  const signals: AbortSignal[] = []
  let id = 0
  const client = {
    events: (
      _name: string,
      { lastEventId, signal }: { lastEventId?: string; signal: AbortSignal },
    ) => {
      signals.push(signal)
      resumedFrom.push(lastEventId)
      const opening = openings.shift() ?? []
      if (opening instanceof Error) return Promise.reject(opening)
      async function* events(
        items: readonly ApiEvent[],
      ): AsyncGenerator<{ id: string; value: ApiEvent }> {
        await Promise.resolve()
        for (const value of items) yield { id: String(++id), value }
      }
      return Promise.resolve(events(opening))
    },
  } as unknown as Client // the one method that is used
  return { client, resumedFrom, signals }
}

const status: ApiEvent = { type: 'changed', kind: 'Status' }

async function collect(client: Client, count: number): Promise<unknown[]> {
  const states: unknown[] = []
  let reads = 0
  const abort = new AbortController()
  const watched = {
    read: () => Promise.resolve(`read ${++reads}`),
    pick: (event: ApiEvent) => (event.type === 'changed' ? 'changed' : undefined),
  }
  for await (const state of changes(client, watched, {
    signal: abort.signal,
    reconnectDelayMs: 0,
  })) {
    states.push(state)
    if (states.length === count) break
  }
  return states
}

test('it reads once the stream is open, then tells each change', async () => {
  const { client } = streaming([status, status])
  expect(await collect(client, 3)).toEqual(['read 1', 'changed', 'changed'])
})

test('it reads again when the agent says that something was missed', async () => {
  const { client } = streaming([{ type: 'reset' }, status])
  expect(await collect(client, 3)).toEqual(['read 1', 'read 2', 'changed'])
})

test('a stream that ends, or an agent that restarts, is asked again from where it was', async () => {
  const away = new PorpulsionError('Unavailable', 'AgentUnreachable', 'restarting')
  const { client, resumedFrom } = streaming([status], away, [status])
  expect(await collect(client, 4)).toEqual(['read 1', 'changed', 'read 2', 'changed'])
  expect(resumedFrom).toEqual([undefined, '1', '1'])
})

test('whoever has seen enough leaves no stream open', async () => {
  const { client, signals } = streaming([status])
  await collect(client, 1)
  expect(signals.map(({ aborted }) => aborted)).toEqual([true])
})

test('a refusal ends it', async () => {
  const { client } = streaming(new PorpulsionError('Unauthenticated', 'TokenInvalid', 'revoked'))
  await expect(collect(client, 1)).rejects.toMatchObject({ code: 'TokenInvalid' })
})
