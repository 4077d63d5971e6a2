import { expect, test } from 'vitest'
import { summaryOf } from './section-summary.ts'

const spec = {
  env: [{ name: 'A' }, { name: 'B' }, { name: 'C' }, { name: 'D' }],
  resources: { requests: { cpu: '100m' }, limits: { cpu: 1, memory: '1Gi' } },
  readinessProbe: { httpGet: { port: 80 } },
  livenessProbe: { tcpSocket: { port: 81 } },
  args: ['--port', '8080'],
  imagePullPolicy: 'Always',
  labels: { tier: 'web' },
  pvcs: [],
  securityContext: { runAsNonRoot: true },
}

test.each([
  [['env'], '4 variables: A, B, C, …'],
  [['resources'], 'requests 100m cpu · limits 1 cpu, 1Gi memory'],
  [['readinessProbe', 'livenessProbe'], 'Readiness probe: HTTP / at 80 · Liveness probe: TCP 81'],
  [['command', 'args'], 'Arguments: --port 8080'],
  [['imagePullPolicy'], 'Image pull policy: Always'],
  [['labels', 'annotations'], '1 label'],
  [['securityContext'], 'Run as non root'],
  [['pvcs', 'emptyDirs'], ''],
])('%j is folded to %j', (fields, text) => {
  expect(summaryOf(spec, fields)).toBe(text)
})

test('a spec of any shape has a summary', () => {
  expect(summaryOf({ env: 'x', resources: [1], readinessProbe: 7 }, ['env', 'resources'])).toBe(
    'Variables: x · 1 resources',
  )
  expect(summaryOf('text', ['env'])).toBe('')
})
