import { defaultSettings, type AppSubmission, type Settings } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { rulesFor } from '../policy/index.ts'
import { normaliseAppSpec } from './normalise-app-spec.ts'
import { specHash } from './spec-hash.ts'
import { decideSubmission, type ExistingRecord } from './submission-rules.ts'

function aSubmission(
  change: { image?: string; replicas?: number; generation?: number; epoch?: string } = {},
): AppSubmission {
  const { image = 'nginx', replicas = 1, generation = 2, epoch = 'e' } = change
  const spec = normaliseAppSpec({ image, replicas })
  return {
    name: 'web',
    namespace: 'n',
    generation,
    epoch,
    spec,
    specHash: specHash({ name: 'web', spec }),
  }
}

function recorded(submission: AppSubmission, change: Partial<ExistingRecord> = {}): ExistingRecord {
  const { namespace, name, generation, epoch, spec } = submission
  return {
    spec: {
      peer: { name: 'a', fingerprint: 'f' },
      submitter: { uid: 'u', namespace, name, generation, epoch },
      specHash: submission.specHash,
      policyRevision: 'r',
      app: spec,
    },
    isDeleting: false,
    isIntact: true,
    hasRefusedUpdate: false,
    ...change,
  }
}

const decide = (
  submission: AppSubmission,
  existing?: ExistingRecord,
  settings: Settings = defaultSettings,
) => decideSubmission({ peerName: 'a', submission, existing, rules: rulesFor(settings, 'a') })

const closed: Settings = {
  ...defaultSettings,
  inbound: { enabled: false, allowPeers: [], denyPeers: [] },
}

test('a new app is accepted, or refused with the rule', () => {
  expect(decide(aSubmission())).toEqual({ kind: 'accepted' })
  expect(decide(aSubmission(), undefined, closed)).toMatchObject({
    kind: 'refused',
    reason: 'InboundOff',
  })
})

test('a refusal names everything that stands against an app at once', () => {
  const settings: Settings = {
    ...defaultSettings,
    images: { allow: ['ghcr.io/me'], block: [] },
    resources: { maxPerPod: { cpu: '', memory: '' }, maxReplicasPerApp: 1 },
  }
  expect(decide(aSubmission({ replicas: 2 }), undefined, settings)).toEqual({
    kind: 'refused',
    reason: 'ImageNotAllowed',
    message:
      'Image docker.io/library/nginx:latest is not on the allow list (images.allow: "ghcr.io/me"); besides: 2 replicas are more than the 1 allowed for one app (resources.maxReplicasPerApp)',
  })
})

test('what runs as submitted is agreed on, also under rules that would refuse it now', () => {
  const submission = aSubmission()
  expect(decide(submission, recorded(submission), closed)).toEqual({
    kind: 'agreed',
    isRecorded: true,
  })
})

test.each<[string, Partial<ExistingRecord>]>([
  ['the record of an earlier generation', recorded(aSubmission({ generation: 1 }))],
  ['the record of an update that was refused', recorded(aSubmission(), { hasRefusedUpdate: true })],
])('%s has to learn of the agreement', (_what, existing) => {
  expect(decide(aSubmission(), existing as ExistingRecord)).toEqual({
    kind: 'agreed',
    isRecorded: false,
  })
})

test('an edited record is written anew', () => {
  expect(decide(aSubmission(), recorded(aSubmission(), { isIntact: false }))).toEqual({
    kind: 'accepted',
  })
})

test('every update is judged', () => {
  expect(
    decide(aSubmission({ image: 'evil/x' }), recorded(aSubmission()), {
      ...defaultSettings,
      images: { allow: [], block: ['evil/'] },
    }),
  ).toMatchObject({ kind: 'refused', reason: 'ImageBlocked' })
  expect(decide(aSubmission({ replicas: 3 }), recorded(aSubmission()))).toEqual({
    kind: 'accepted',
  })
})

test('an older generation comes too late within an epoch, and counts in another one', () => {
  const existing = recorded(aSubmission({ generation: 7, image: 'newer' }))
  expect(decide(aSubmission({ generation: 6 }), existing)).toEqual({
    kind: 'outdated',
    recorded: 7,
  })
  expect(decide(aSubmission({ generation: 6, epoch: 'restored' }), existing)).toEqual({
    kind: 'accepted',
  })
})

test('nothing is taken while the app is being deleted, nor what is not what its hash says', () => {
  const submission = aSubmission()
  expect(decide(submission, recorded(submission, { isDeleting: true })).kind).toBe('being-deleted')
  expect(decide({ ...submission, spec: { ...submission.spec, image: 'evil/x' } }).kind).toBe(
    'hash-mismatch',
  )
})

test('a spec that breaks a rule of its own is refused with the fields, whatever the submitter thought of it', () => {
  const spec = normaliseAppSpec({ image: 'nginx', env: [{ name: 'A' }] })
  expect(
    decide({ ...aSubmission(), spec, specHash: specHash({ name: 'web', spec }) }),
  ).toMatchObject({
    kind: 'refused',
    reason: 'InvalidSpec',
    message: expect.stringContaining('spec.env[0]') as string,
  })
})
