import { effectiveSettings } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { fillIns } from './fill-ins.ts'
import { rulesFor } from './peer-rules.ts'

const rules = rulesFor(
  effectiveSettings({
    resources: { defaults: { requests: { cpu: '100m' }, limits: { cpu: '1', memory: '256Mi' } } },
    pods: { securityLevel: 'restricted' },
  }),
  'a',
)

test('lists what an app that says nothing is given, and why', () => {
  expect(fillIns({ image: 'nginx' }, rules)).toEqual([
    { path: 'resources.limits.cpu', value: '1', setting: 'resources.defaults.limits.cpu' },
    { path: 'resources.requests.cpu', value: '100m', setting: 'resources.defaults.requests.cpu' },
    {
      path: 'resources.limits.memory',
      value: '256Mi',
      setting: 'resources.defaults.limits.memory',
    },
    {
      path: 'resources.requests.memory',
      value: '256Mi',
      setting: 'resources.defaults.requests.memory',
    },
    { path: 'securityContext.runAsNonRoot', value: 'true', setting: 'pods.securityLevel' },
    {
      path: 'securityContext.allowPrivilegeEscalation',
      value: 'false',
      setting: 'pods.securityLevel',
    },
    {
      path: 'securityContext.capabilities',
      value: '{"drop":["ALL"]}',
      setting: 'pods.securityLevel',
    },
    {
      path: 'securityContext.seccompProfile',
      value: '{"type":"RuntimeDefault"}',
      setting: 'pods.securityLevel',
    },
  ])
})

test('leaves alone what an app says itself', () => {
  const app = {
    image: 'nginx',
    resources: { limits: { cpu: '2', memory: '1Gi' } },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1000,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' as const },
    },
  }
  expect(fillIns(app, rules)).toEqual([])
})
