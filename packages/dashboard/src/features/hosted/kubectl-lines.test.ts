import type { ExecutingApp } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { kubectlLines } from './kubectl-lines.ts'

const app: ExecutingApp = {
  apiVersion: 'porpulsion.io/v1alpha1',
  kind: 'ExecutingApp',
  metadata: { name: 'web-x1', namespace: 'porpulsion-peer-f5d5' },
  spec: {
    peer: { name: 'a', fingerprint: 'f5d5' },
    submitter: { uid: 'u1', namespace: 'shop', name: 'web', generation: 1, epoch: 'e/0' },
    specHash: 'h',
    policyRevision: 'r',
    app: { image: 'nginx' },
  },
}

test('every command names the namespace, and finds the app by the uid its submitter gave it', () => {
  const commands = kubectlLines(app).map(({ command }) => command)
  expect(commands.every((command) => command.includes('-n porpulsion-peer-f5d5'))).toBe(true)
  expect(commands[0]).toContain('-l porpulsion.io/app=u1')
})

test('the Deployment is called as the agent says it is, until then like the record', () => {
  const named = (one: ExecutingApp): string | undefined => kubectlLines(one)[1]?.command
  expect(named(app)).toContain('deployment web-x1 ')
  const status = {
    phase: 'Ready' as const,
    conditions: [],
    replicas: 1,
    readyReplicas: 1,
    updatedReplicas: 1,
    resourceName: 'web-other',
  }
  expect(named({ ...app, status })).toContain('deployment web-other ')
})
