import { QueryClient } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { followEvents, type Connection, type Source } from './live.ts'
import { keys } from './queries.ts'

const CONNECTING = 0
const OPEN = 1
const CLOSED = 2

class FakeSource implements Source {
  readyState: number = CONNECTING
  onopen: Source['onopen'] = null
  onerror: Source['onerror'] = null
  onmessage: Source['onmessage'] = null
  readonly close = vi.fn()
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function following() {
  const client = new QueryClient()
  const sources: FakeSource[] = []
  const states: Connection[] = []
  client.setQueryData(keys.peers, { items: [] })
  client.setQueryData(keys.session, {})
  const stop = followEvents({
    client,
    openSource: () => {
      const source = new FakeSource()
      sources.push(source)
      return source
    },
    onConnection: (state) => states.push(state),
  })
  onTestFinished(() => {
    stop()
    client.clear()
  })
  const happens = (what: 'onopen' | 'onerror', readyState: number): void => {
    const source = sources.at(-1)
    if (source === undefined) throw new Error('No source was opened')
    source.readyState = readyState
    const handler = source[what]
    Reflect.apply(handler ?? vi.fn(), source, [new Event('any')])
  }
  const isStale = (key: readonly string[]): boolean | undefined =>
    client.getQueryState(key)?.isInvalidated
  return { client, sources, states, stop, happens, isStale }
}

test('a new stream has the lists read again: it cannot tell what changed before it', () => {
  const { happens, isStale, states } = following()
  happens('onopen', OPEN)
  expect(states).toEqual(['live'])
  expect(isStale(keys.peers)).toBe(true)
})

test('a stream that the browser resumes has nothing read again: the agent sends what was missed', () => {
  const { client, happens, isStale, states, sources } = following()
  happens('onopen', OPEN)
  client.setQueryData(keys.peers, { items: [] })
  happens('onerror', CONNECTING)
  happens('onopen', OPEN)
  expect(states).toEqual(['live', 'lost', 'live'])
  expect(isStale(keys.peers)).toBe(false)
  expect(sources).toHaveLength(1)
})

test('when the browser gives up, the session is looked at and the stream opened anew', () => {
  const { happens, isStale, sources } = following()
  happens('onerror', CLOSED)
  expect(isStale(keys.session)).toBe(true)
  vi.advanceTimersByTime(2_000)
  expect(sources).toHaveLength(2)
})

test('a stopped follower opens nothing more', () => {
  const { happens, sources, stop } = following()
  happens('onerror', CLOSED)
  stop()
  vi.advanceTimersByTime(60_000)
  expect(sources).toHaveLength(1)
  expect(sources[0]?.close).toHaveBeenCalled()
})
