import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createLive, type Connection, type Source } from './live.ts'
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
  const live = createLive({
    client,
    openSource: () => {
      const source = new FakeSource()
      sources.push(source)
      return source
    },
  })
  live.subscribe(() => states.push(live.connection()))
  live.open()
  onTestFinished(() => {
    live.close()
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
  return { client, sources, states, live, happens, isStale }
}

/** As a page that shows it does. */
function shown(client: QueryClient, answer: () => Promise<unknown>): () => unknown {
  const observer = new QueryObserver(client, { queryKey: keys.remoteApps, queryFn: answer })
  onTestFinished(observer.subscribe(vi.fn()))
  return () => observer.getCurrentResult().data
}

test('a new stream has the lists read again: it cannot tell what changed before it', async () => {
  const { happens, isStale, states } = following()
  happens('onopen', OPEN)
  await vi.advanceTimersByTimeAsync(0)
  expect(states).toEqual(['live'])
  expect(isStale(keys.peers)).toBe(true)
})

test('an answer on its way when the stream opens is asked for again: it may be older than the stream', async () => {
  const { client, happens } = following()
  const answers: ((list: string) => void)[] = []
  const list = shown(client, () => new Promise((resolve) => answers.push(resolve)))
  happens('onopen', OPEN)
  await vi.advanceTimersByTimeAsync(0)
  answers[0]?.('before the stream')
  answers[1]?.('after it')
  await vi.advanceTimersByTimeAsync(0)
  expect(list()).toBe('after it')
})

test('a list that is asked for once the stream stands is asked for once', async () => {
  const { client, happens } = following()
  happens('onopen', OPEN)
  const answer = vi.fn(() => Promise.resolve('the list'))
  const list = shown(client, answer)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(list()).toBe('the list')
  expect(answer).toHaveBeenCalledTimes(1)
})

test('who is signed in is not asked again for the first stream, but for each after it', async () => {
  const { client, happens, isStale } = following()
  happens('onopen', OPEN)
  await vi.advanceTimersByTimeAsync(0)
  expect(isStale(keys.session)).toBe(false)
  happens('onerror', CLOSED)
  client.setQueryData(keys.session, {})
  await vi.advanceTimersByTimeAsync(2_000)
  happens('onopen', OPEN)
  await vi.advanceTimersByTimeAsync(0)
  expect(isStale(keys.session)).toBe(true)
})

test('a stream that the browser resumes has nothing read again: the agent sends what was missed', async () => {
  const { client, happens, isStale, states, sources } = following()
  happens('onopen', OPEN)
  await vi.advanceTimersByTimeAsync(0)
  client.setQueryData(keys.peers, { items: [] })
  happens('onerror', CONNECTING)
  happens('onopen', OPEN)
  await vi.advanceTimersByTimeAsync(0)
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

test('a closed one opens nothing more, until it is opened anew', () => {
  const { happens, live, sources } = following()
  happens('onerror', CLOSED)
  live.close()
  vi.advanceTimersByTime(60_000)
  expect(sources).toHaveLength(1)
  expect(sources[0]?.close).toHaveBeenCalled()
  live.open()
  live.open()
  expect(sources).toHaveLength(2)
})
