import {
  effectiveSettings,
  type AppSubmission,
  type SettingsDocument,
  type Hold,
} from '@porpulsion/contract'
import { describe, expect, test } from 'vitest'
import { noOthers, rulesFor } from '../policy/index.ts'
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
    whole: spec,
    isDeleting: false,
    hasRefusedUpdate: false,
    ...change,
  }
}

const decide = (
  submission: AppSubmission,
  existing?: ExistingRecord,
  settings: SettingsDocument = {},
) =>
  decideSubmission({
    peerName: 'a',
    submission,
    existing,
    rules: rulesFor(effectiveSettings(settings), 'a'),
    others: noOthers,
  })

const closed: SettingsDocument = { inbound: { enabled: false } }

test('a new app is accepted, or refused with the rule', () => {
  expect(decide(aSubmission())).toEqual({ kind: 'accepted' })
  expect(decide(aSubmission(), undefined, closed)).toMatchObject({
    kind: 'refused',
    reason: 'InboundOff',
  })
})

test('a refusal names everything that stands against an app at once', () => {
  const settings: SettingsDocument = {
    images: { allow: ['ghcr.io/me'] },
    resources: { maxReplicasPerApp: 1 },
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
  expect(decide(aSubmission(), recorded(aSubmission(), { whole: { image: 'edited' } }))).toEqual({
    kind: 'accepted',
  })
})

test('every update is judged', () => {
  expect(
    decide(aSubmission({ image: 'evil/x' }), recorded(aSubmission()), {
      images: { block: ['evil/'] },
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

describe('where apps are approved', () => {
  const asking: SettingsDocument = { approval: { required: true } }
  const hold = (state: Hold['state']): Hold => ({ state, since: 't', by: 'eve', note: 'too old' })
  const held = (submission: AppSubmission, state: Hold['state']): ExistingRecord => {
    const record = recorded(submission)
    return { ...record, spec: { ...record.spec, hold: hold(state) } }
  }
  const waiting = (
    running: AppSubmission,
    update: AppSubmission,
    state: Hold['state'],
  ): ExistingRecord => {
    const record = recorded(running)
    return {
      ...record,
      spec: { ...record.spec, update: { ...recorded(update).spec, hold: hold(state) } },
    }
  }

  test('a new app waits', () => {
    expect(decide(aSubmission(), undefined, asking)).toEqual({ kind: 'held', isRecorded: false })
  })

  test('what breaks a rule is refused, and bothers nobody', () => {
    expect(decide(aSubmission(), undefined, { ...asking, ...closed })).toMatchObject({
      kind: 'refused',
      reason: 'InboundOff',
    })
  })

  test('what waits goes on waiting when it is sent again', () => {
    const submission = aSubmission()
    expect(decide(submission, held(submission, 'Pending'), asking)).toEqual({
      kind: 'held',
      isRecorded: true,
    })
  })

  test('what waits and changes has to be looked at anew', () => {
    const existing = held(aSubmission(), 'Pending')
    expect(decide(aSubmission({ image: 'evil' }), existing, asking)).toEqual({
      kind: 'held',
      isRecorded: false,
    })
  })

  test('what was rejected stays so until it changes', () => {
    const existing = held(aSubmission(), 'Rejected')
    expect(decide(aSubmission(), existing, asking)).toEqual({
      kind: 'refused',
      reason: 'ApprovalRejected',
      message: 'Rejected by eve: too old',
    })
    expect(decide(aSubmission({ image: 'nginx:2' }), existing, asking)).toMatchObject({
      kind: 'held',
    })
  })

  test('an approval for a harmless image is none for what it is changed to', () => {
    const running = recorded(aSubmission())
    expect(decide(aSubmission({ image: 'evil', generation: 3 }), running, asking)).toEqual({
      kind: 'held',
      isRecorded: false,
    })
  })

  test('what runs goes on, and only replicas may change without asking', () => {
    const running = recorded(aSubmission())
    const more = aSubmission({ replicas: 5, generation: 3 })
    expect(decide(aSubmission(), running, asking)).toMatchObject({ kind: 'agreed' })
    expect(decide(more, running, asking)).toEqual({ kind: 'accepted' })
    const strict = { approval: { required: true, exemptReplicaChanges: false } }
    expect(decide(more, running, strict)).toMatchObject({ kind: 'held' })
  })

  test('a restart changes nothing that was approved', () => {
    const { spec, ...rest } = aSubmission({ generation: 3 })
    const restartedAt = '2026-01-01T00:00:00Z'
    const restart = {
      ...rest,
      restartedAt,
      spec,
      specHash: specHash({ name: 'web', restartedAt, spec }),
    }
    expect(decide(restart, recorded(aSubmission()), asking)).toEqual({ kind: 'accepted' })
  })

  test('replicas of what only waits are no way around', () => {
    const existing = held(aSubmission(), 'Pending')
    expect(decide(aSubmission({ replicas: 5, generation: 3 }), existing, asking)).toMatchObject({
      kind: 'held',
    })
  })

  test('going back to what runs takes the update out of the queue', () => {
    const running = aSubmission()
    const update = aSubmission({ image: 'nginx:2', generation: 3 })
    const back = aSubmission({ generation: 4 })
    expect(decide(back, waiting(running, update, 'Pending'), asking)).toEqual({
      kind: 'agreed',
      isRecorded: false,
    })
  })

  test('an update that waits is newer than what runs', () => {
    const running = aSubmission()
    const update = aSubmission({ image: 'nginx:2', generation: 5 })
    expect(
      decide(aSubmission({ generation: 4 }), waiting(running, update, 'Pending'), asking),
    ).toEqual({ kind: 'outdated', recorded: 5 })
  })

  test('when the owner asks for no approval any more, what waited runs', () => {
    expect(decide(aSubmission(), held(aSubmission(), 'Pending'))).toEqual({ kind: 'accepted' })
    expect(decide(aSubmission(), held(aSubmission(), 'Rejected'))).toEqual({ kind: 'accepted' })
  })

  test('what the owner stopped runs again once the rules admit it', () => {
    const existing = held(aSubmission(), 'Stopped')
    expect(decide(aSubmission(), existing, closed)).toMatchObject({ reason: 'InboundOff' })
    expect(decide(aSubmission(), existing)).toEqual({ kind: 'accepted' })
  })
})
