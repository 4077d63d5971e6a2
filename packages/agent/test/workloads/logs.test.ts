import type { LogLine, RemoteAppSpec } from '@porpulsion/contract'
import { Pod } from '@porpulsion/kube'
import { expect, onTestFinished, test, vi } from 'vitest'
import { isReady, operator, twoClusters, type Agent } from './two-clusters.ts'

type LogsQuery = Parameters<
  NonNullable<Agent['workloads']['apiHandlers']['streamRemoteAppLogs']>
>[0]['query']

const ticker = (spec: Partial<RemoteAppSpec> = {}): Partial<RemoteAppSpec> => ({
  image: 'porpulsion/ticker',
  args: ['--interval-ms', '20'],
  ...spec,
})

/** Reading ends with the test at the latest. */
async function logsOf(agent: Agent, query: LogsQuery, id = 'web'): Promise<AsyncIterator<LogLine>> {
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const lines = await agent.workloads.apiHandlers.streamRemoteAppLogs!({
    params: { id },
    query,
    body: undefined,
    caller: operator,
    origin: 'http://localhost:8000',
    note: () => undefined,
    signal: stop.signal,
  })
  const iterator = lines[Symbol.asyncIterator]()
  onTestFinished(() => void iterator.return?.())
  return iterator
}

async function take(lines: AsyncIterator<LogLine>, count: number): Promise<LogLine[]> {
  const taken: LogLine[] = []
  while (taken.length < count) {
    const next = await lines.next()
    if (next.done === true) break
    taken.push(next.value)
  }
  return taken
}

async function all(lines: AsyncIterator<LogLine>): Promise<LogLine[]> {
  return await take(lines, Infinity)
}

/** The ticker numbers its lines. */
const numberOf = ({ line }: LogLine): number => Number(line.split(' ')[0])

const consecutive = (lines: readonly LogLine[]): number[] => {
  const [first] = lines
  return lines.map((_, index) => numberOf(first!) + index)
}

test('logs carry pod and time, oldest first across all pods', async () => {
  const { a } = await twoClusters()
  await a.apply(ticker({ replicas: 2, args: ['--interval-ms', '5', '--count', '20'] }))
  await a.until(
    ({ pods }) =>
      pods?.length === 2 &&
      pods.every(({ restarts, phase }) => restarts > 0 || phase === 'Running'),
  )
  const lines = await all(await logsOf(a, { tail: 5 }))
  // They go on writing while they are read.
  expect(lines.length).toBeGreaterThanOrEqual(10)
  expect(new Set(lines.map(({ pod }) => pod)).size).toBe(2)
  const times = lines.map(({ time }) => time)
  expect(times).toEqual([...times].sort())
  expect(times[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+/)
})

test('following goes on over a break of the link: every line once, none lost', async () => {
  const { a, pair } = await twoClusters()
  await a.apply(ticker())
  await a.until(isReady)
  const lines = await logsOf(a, { follow: true, tail: 3 })
  const seen = await take(lines, 20)
  for (let cuts = 0; cuts < 3; cuts++) {
    pair.cut()
    const next = lines.next()
    pair.connect()
    const first = await next
    if (first.done !== true) seen.push(first.value)
    seen.push(...(await take(lines, 20)))
  }
  expect(seen.map(numberOf)).toEqual(consecutive(seen))
})

test('following over a restart of the host loses nothing either', async () => {
  const { a, b } = await twoClusters()
  await a.apply(ticker())
  await a.until(isReady)
  const lines = await logsOf(a, { follow: true, tail: 1 })
  const seen = await take(lines, 5)
  b.end.pair!.cut()
  await b.stop()
  await b.start()
  b.end.pair!.connect()
  seen.push(...(await take(lines, 30)))
  expect(seen.map(numberOf)).toEqual(consecutive(seen))
})

test('following picks up pods that come later', async () => {
  const { a } = await twoClusters()
  await a.apply(ticker())
  await a.until(isReady)
  const lines = await logsOf(a, { follow: true, tail: 1 })
  const [first] = await take(lines, 1)
  await a.apply(ticker({ replicas: 2 }))
  for (;;) {
    const [line] = await take(lines, 1)
    if (line!.pod !== first!.pod) {
      expect(numberOf(line!)).toBe(1)
      break
    }
  }
})

test('following ends with the app', async () => {
  const { a } = await twoClusters()
  await a.apply(ticker())
  await a.until(isReady)
  const lines = await logsOf(a, { follow: true })
  await take(lines, 1)
  await a.delete()
  await all(lines)
  await a.untilGone()
})

test('one pod can be asked alone, and another app’s pod cannot', async () => {
  const { a, b, namespaceAtB } = await twoClusters()
  await a.apply(ticker({ replicas: 2 }))
  await a.apply(ticker(), 'other')
  await a.until(isReady)
  await a.until(isReady, 'other')
  const { items } = await b.client.list(Pod, { namespace: namespaceAtB })
  const own = items.find(({ metadata }) => metadata.name.startsWith('web-'))!.metadata.name
  const foreign = items.find(({ metadata }) => metadata.name.startsWith('other-'))!.metadata.name
  const lines = await all(await logsOf(a, { pod: own, tail: 3 }))
  expect(new Set(lines.map(({ pod }) => pod))).toEqual(new Set([own]))
  await expect(logsOf(a, { pod: foreign })).rejects.toMatchObject({ code: 'PodNotFound' })
})

test('the log before the last crash is there', async () => {
  const { a } = await twoClusters()
  await a.apply(ticker({ args: ['--interval-ms', '5', '--count', '3'] }))
  await a.until(({ pods }) => (pods?.[0]?.restarts ?? 0) > 0)
  const lines = await all(await logsOf(a, { previous: true }))
  expect(lines.map(numberOf)).toEqual([1, 2, 3])
})

test('without a link, or an app at the peer, it says why there is no log', async () => {
  const { a, pair } = await twoClusters()
  await a.apply(ticker())
  await a.until(isReady)
  pair.cut()
  await expect(logsOf(a, {})).rejects.toMatchObject({ code: 'LinkDown' })
  await expect(logsOf(a, {}, 'nosuch')).rejects.toMatchObject({ code: 'AppNotFound' })
  await expect(logsOf(a, { sinceTime: 'yesterday' })).rejects.toMatchObject({ code: 'LinkDown' })
  pair.connect()
  await a.until(isReady)
  await expect(logsOf(a, { sinceTime: 'yesterday' })).rejects.toMatchObject({ kind: 'Invalid' })
})

test('the host reads the logs of what runs there too, by the name its submitter gave it', async () => {
  const { a, b } = await twoClusters()
  await a.apply(ticker())
  await a.until(isReady)
  const read = async () => {
    const lines = await b.workloads.apiHandlers.streamExecutingAppLogs!({
      params: { id: 'web' },
      query: { tail: 2 },
      body: undefined,
      caller: operator,
      origin: 'http://localhost:8000',
      note: () => undefined,
      signal: new AbortController().signal,
    })
    return await all(lines[Symbol.asyncIterator]())
  }
  // It is ready before it has said two lines.
  await vi.waitFor(async () => expect(await read()).toHaveLength(2), { timeout: 10_000 })
})
