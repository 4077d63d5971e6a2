import { KubeError } from '@porpulsion/kube'
import { FakeClock } from '@porpulsion/kube/testing'
import { expect, test } from 'vitest'
import { createLogger } from '../observability/index.ts'
import { reportToLog } from './kube-report-log.ts'

function aLog() {
  const lines: { readonly level: string; readonly msg: string; readonly resource?: string }[] = []
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as never) }
  const clock = new FakeClock()
  const report = reportToLog(createLogger({ level: 'info', agent: 'a' }, destination), clock)
  const lost = (resource: string, error: unknown, attempt = 1): void =>
    report({ kind: 'watch-failed', resource, error, attempt, delayMs: 500 })
  return { lines, clock, report, lost }
}

const refused = new KubeError({ status: 0, reason: 'Unreachable', message: 'connect ECONNREFUSED' })
const forbidden = new KubeError({ status: 403, reason: 'Forbidden', message: 'pods is forbidden' })

test('an API server that goes is one line, however many watches lose it, and another a minute later', async () => {
  const { lines, clock, report, lost } = aLog()
  for (const resource of ['pods', 'services', 'secrets']) lost(resource, refused)
  lost('events', new Error('other side closed'))
  report({ kind: 'reconcile-failed', queue: 'q', key: 'k', error: refused, attempt: 1, delayMs: 1 })
  expect(lines.map(({ resource }) => resource)).toEqual(['pods'])
  await clock.advance(60_000)
  lost('pods', refused, 9)
  lost('services', refused, 9)
  expect(lines).toHaveLength(2)
})

test('what the API server forbids is said for each resource, once', () => {
  const { lines, lost } = aLog()
  for (const attempt of [1, 2, 3]) {
    lost('pods', forbidden, attempt)
    lost('secrets', forbidden, attempt)
  }
  expect(lines.map(({ level, resource }) => [level, resource])).toEqual([
    ['warn', 'pods'],
    ['warn', 'secrets'],
  ])
})
