import { expect, test } from 'vitest'
import { linkLines } from './link-samples.ts'

const at = (minute: number): number => Date.UTC(2030, 0, 1, 12, minute)
const sample = (minute: number, connectedSeconds = 60) => ({
  time: new Date(at(minute)).toISOString(),
  latencyMs: 4,
  receivedBytes: 6_000,
  sentBytes: 600,
  connectedSeconds,
})
const history = (...samples: readonly ReturnType<typeof sample>[]) => ({
  intervalSeconds: 60,
  changes: [],
  samples: [...samples],
})

test('bytes of an interval are shown by the second', () => {
  expect(linkLines(history(sample(0)))).toEqual({
    times: [at(0)],
    latencyMs: [4],
    received: [100],
    sent: [10],
  })
})

test('a link that was down carried nothing, which is not the same as little', () => {
  expect(linkLines(history(sample(0, 0))).received).toEqual([undefined])
})

test('where the agent did not run, lines break off', () => {
  const { times, received } = linkLines(history(sample(0), sample(30)))
  expect(times).toEqual([at(0), at(1), at(30)])
  expect(received).toEqual([100, undefined, 100])
})
