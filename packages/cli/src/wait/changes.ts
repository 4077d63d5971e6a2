/**
 * The states of one object, from now on, out of the agent's event stream. Level-triggered: it reads the object after
 * the stream is open and again whenever something may have been missed, so that no change falls between the two.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { isPorpulsionError, type ApiEvent } from '@porpulsion/contract'
import type { Client } from '../client/client.ts'

export interface Watched<T> {
  /** The object now; undefined when it is not there. */
  readonly read: () => Promise<T | undefined>
  /**
   * The object an event carries, `gone`, `read-again` when the event says only that it changed, or undefined when the
   * event is about something else.
   */
  readonly pick: (event: ApiEvent) => T | 'gone' | 'read-again' | undefined
}

export interface ChangesOptions {
  readonly signal: AbortSignal
  readonly reconnectDelayMs?: number
}

export async function* changes<T>(
  client: Client,
  { read, pick }: Watched<T>,
  { signal, reconnectDelayMs = 500 }: ChangesOptions,
): AsyncGenerator<T | undefined> {
  let lastEventId: string | undefined
  for (;;) {
    // Whoever stops listening may do so before the first event is read: then only this closes the stream.
    const closing = new AbortController()
    try {
      const events = await client.events('streamEvents', {
        signal: AbortSignal.any([signal, closing.signal]),
        ...(lastEventId !== undefined && { lastEventId }),
      })
      yield await read()
      for await (const { id, value } of events) {
        lastEventId = id ?? lastEventId
        if (value.type === 'reset') yield await read()
        const picked = pick(value)
        if (picked === 'read-again') yield await read()
        else if (picked !== undefined) yield picked === 'gone' ? undefined : picked
      }
    } catch (error) {
      // The agent restarts, or its answer was cut: the question stays the same.
      if (!isPorpulsionError(error) || error.kind !== 'Unavailable') throw error
    } finally {
      closing.abort()
    }
    await delay(reconnectDelayMs, undefined, { signal }).catch(() => undefined)
    signal.throwIfAborted()
  }
}
