import { defaultSettings, type PeerRules } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { ruleSentences } from './rule-sentences.ts'

const byDefault: PeerRules = { accepted: true, rules: defaultSettings }
const texts = (answer: PeerRules): readonly string[] =>
  ruleSentences('b', answer).map(({ text }) => text)

test('without rules of the owner the sentences say what holds anyway', () => {
  expect(texts(byDefault)).toEqual([
    'Apps of b are taken.',
    'Any image may run.',
    'Nothing waits for approval.',
    'No storage may be claimed.',
    'Pods run at baseline and reach the public internet, each other.',
    'It may reach the ports of its own apps.',
    'It may open terminals in its own apps.',
  ])
})

test('each rule of the owner is a sentence', () => {
  const { rules } = byDefault
  const strict = texts({
    accepted: true,
    rules: {
      ...rules,
      images: { allow: ['ghcr.io/acme/'], block: ['evil/x'], requireDigest: true },
      approval: { required: true, exemptReplicaChanges: false },
      resources: {
        ...rules.resources,
        requireLimits: true,
        maxPerPod: { cpu: '2', memory: '1Gi' },
        maxReplicasPerApp: 3,
      },
      storage: { enabled: true, maxPerClaim: '10Gi' },
      pods: { securityLevel: 'restricted', allowSamePeer: false, egressCIDRs: ['10.1.0.0/16'] },
      tunnels: { mode: 'approval', approvalTtlSeconds: 86_400 },
      exec: { enabled: false },
    },
  })
  expect(strict).toEqual([
    'Apps of b are taken.',
    'Only these images may run: ghcr.io/acme/.',
    'Never these images: evil/x.',
    'Images must be named by digest.',
    'Each app, and each change of one, waits for approval.',
    'Every container must limit its CPU and memory.',
    'A pod may take 2 CPU and 1Gi memory at most.',
    'An app may have 3 replicas at most.',
    'Storage may be claimed, up to 10Gi each.',
    'Pods run at the restricted level and reach the public internet, 10.1.0.0/16.',
    'Each port can be reached once approved, for 1 day.',
    'It may open no terminals.',
  ])
})

test('a peer whose apps are not taken reads why, and nothing of rules that do not matter then', () => {
  expect(texts({ ...byDefault, accepted: false, reason: 'it is in inbound.denyPeers' })).toEqual([
    'No app of b is taken: it is in inbound.denyPeers.',
    'It may reach the ports of its own apps.',
  ])
})
