import { defaultSettings, type AppSpec, type Settings } from '@porpulsion/contract'
import { describe, expect, test } from 'vitest'
import { admit, refusals, type Submission } from './admission-rules.ts'
import { policyRevision, rulesFor } from './peer-rules.ts'

const anApp = (spec: Partial<AppSpec> = {}): Submission => ({
  peerName: 'a',
  spec: { image: 'porpulsion/hello', ...spec },
})

const settings = (change: Partial<Settings>): Settings => ({ ...defaultSettings, ...change })

const reasonFor = (submission: Submission, change: Partial<Settings>): string | undefined =>
  admit(submission, rulesFor(settings(change), submission.peerName))?.reason

test('the default rules admit an ordinary app', () => {
  expect(admit(anApp(), rulesFor(defaultSettings, 'a'))).toBeUndefined()
})

describe('source peers', () => {
  const inbound = defaultSettings.inbound
  test('nothing comes in while inbound is off', () => {
    expect(reasonFor(anApp(), { inbound: { ...inbound, enabled: false } })).toBe('InboundOff')
  })
  test('a denied peer is turned away, others are not', () => {
    expect(reasonFor(anApp(), { inbound: { ...inbound, denyPeers: ['a'] } })).toBe('PeerNotAllowed')
    expect(reasonFor(anApp(), { inbound: { ...inbound, denyPeers: ['b'] } })).toBeUndefined()
  })
  test('with an allow list, who is not on it is turned away', () => {
    expect(reasonFor(anApp(), { inbound: { ...inbound, allowPeers: ['b'] } })).toBe(
      'PeerNotAllowed',
    )
    expect(reasonFor(anApp(), { inbound: { ...inbound, allowPeers: ['a'] } })).toBeUndefined()
  })
  test('deny wins over allow', () => {
    const both = { ...inbound, allowPeers: ['a'], denyPeers: ['a'] }
    expect(reasonFor(anApp(), { inbound: both })).toBe('PeerNotAllowed')
  })
})

describe('images', () => {
  test('a blocked image is refused with the line that blocks it', () => {
    const rules = rulesFor(settings({ images: { allow: [], block: ['docker.io/evil/'] } }), 'a')
    expect(admit(anApp({ image: 'evil/x' }), rules)).toEqual({
      reason: 'ImageBlocked',
      message:
        'Image docker.io/evil/x:latest is on the block list (images.block: "docker.io/evil/")',
    })
  })
  test('the block list comes before the allow list', () => {
    const images = { allow: ['evil/'], block: ['evil/x'] }
    expect(reasonFor(anApp({ image: 'evil/x' }), { images })).toBe('ImageBlocked')
  })
  test('an image that is not on the allow list is refused with what is', () => {
    const rules = rulesFor(settings({ images: { allow: ['ghcr.io/myorg'], block: [] } }), 'a')
    expect(admit(anApp({ image: 'ghcr.io/myorg-evil/x' }), rules)?.message).toBe(
      'Image ghcr.io/myorg-evil/x:latest is not on the allow list (images.allow: "ghcr.io/myorg")',
    )
  })
  test('what is no image reference is refused under any lists', () => {
    expect(reasonFor(anApp({ image: 'Not An Image' }), {})).toBe('ImageInvalid')
  })
})

describe('sizes', () => {
  const limits = (cpu: string, memory: string, maxReplicasPerApp = 0): Partial<Settings> => ({
    resources: { maxPerPod: { cpu, memory }, maxReplicasPerApp },
  })
  test('replicas are counted against the limit, the default of one included', () => {
    expect(reasonFor(anApp({ replicas: 4 }), limits('', '', 3))).toBe('TooManyReplicas')
    expect(reasonFor(anApp({ replicas: 3 }), limits('', '', 3))).toBeUndefined()
    expect(reasonFor(anApp(), limits('', '', 1))).toBeUndefined()
  })
  test.each([
    ['500000M', '1Gi'],
    ['10T', '1Gi'],
    ['1025Mi', '1Gi'],
    ['1.0000001Gi', '1Gi'],
  ])('a memory limit of %s is too large for %s', (memory, most) => {
    expect(reasonFor(anApp({ resources: { limits: { memory } } }), limits('', most))).toBe(
      'PodTooLarge',
    )
  })
  test.each([
    ['1Gi', '1Gi'],
    ['1024Mi', '1Gi'],
    ['1073741824', '1Gi'],
  ])('a memory limit of %s fits %s', (memory, most) => {
    expect(
      reasonFor(anApp({ resources: { limits: { memory } } }), limits('', most)),
    ).toBeUndefined()
  })
  test('an absent limit is unlimited, not 0', () => {
    const app = anApp({ resources: { requests: { cpu: '1m' }, limits: { memory: '1Mi' } } })
    const refusal = admit(app, rulesFor(settings(limits('2', '1Gi')), 'a'))
    expect(refusal?.reason).toBe('PodTooLarge')
    expect(refusal?.message).toContain('set resources.limits.cpu')
  })
  test('a request above the limit of the owner is refused as well', () => {
    const app = anApp({ resources: { requests: { cpu: '3' }, limits: { cpu: '2' } } })
    expect(reasonFor(app, limits('2', ''))).toBe('PodTooLarge')
  })
})

describe('rules of one peer', () => {
  const base = settings({
    images: { allow: ['ghcr.io/all'], block: ['evil/'] },
    resources: { maxPerPod: { cpu: '1', memory: '' }, maxReplicasPerApp: 2 },
    peers: {
      a: {
        inbound: { enabled: false },
        images: { allow: ['ghcr.io/a'], block: ['worse/'] },
        resources: { maxPerPod: { cpu: '' }, maxReplicasPerApp: 5 },
        tunnels: { mode: 'off' },
      },
    },
  })
  test('scalars and the allow list replace, the block list adds', () => {
    expect(rulesFor(base, 'a')).toEqual({
      inbound: { enabled: false, denied: false, notListed: false },
      images: { allow: ['ghcr.io/a'], block: ['evil/', 'worse/'] },
      resources: { maxPerPod: { cpu: '', memory: '' }, maxReplicasPerApp: 5 },
      storage: { enabled: false, maxPerClaim: '' },
      tunnels: { mode: 'off' },
    })
  })
  test.each(['b', 'constructor', '__proto__'])(
    'peer %s, which has none, gets the general ones',
    (name) => {
      expect(rulesFor(base, name).resources).toEqual(base.resources)
    },
  )
  test('the revision changes with what decides over this peer and with nothing else', () => {
    const revision = (of: Settings, peer = 'b'): string => policyRevision(rulesFor(of, peer))
    expect(revision({ ...base, peers: {} })).toBe(revision(base))
    expect(revision({ ...base, tunnels: { ...base.tunnels, mode: 'off' } })).toBe(revision(base))
    expect(revision({ ...base, inbound: { ...base.inbound, denyPeers: ['c'] } })).toBe(
      revision(base),
    )
    expect(revision({ ...base, inbound: { ...base.inbound, denyPeers: ['b'] } })).not.toBe(
      revision(base),
    )
    expect(revision({ ...base, images: { allow: [], block: [] } })).not.toBe(revision(base))
    expect(revision(base, 'a')).not.toBe(revision(base))
  })
})

describe('init containers', () => {
  const inits = (image: string, limits?: Record<string, string>) =>
    anApp({
      resources: { limits: { cpu: '1', memory: '1Gi' } },
      initContainers: [{ name: 'fetch', image, ...(limits && { resources: { limits } }) }],
    })

  test('their images are under the same lists as the app’s own', () => {
    const images = { allow: ['porpulsion/**'], block: ['docker.io/evil/**'] }
    expect(reasonFor(inits('evil/miner'), { images })).toBe('ImageBlocked')
    expect(reasonFor(inits('busybox'), { images })).toBe('ImageNotAllowed')
    expect(reasonFor(inits('porpulsion/ticker'), { images })).toBeUndefined()
    expect(reasonFor(inits('Not An Image'), {})).toBe('ImageInvalid')
  })

  test('each has to fit into the size of a pod, and says which does not', () => {
    const resources = { ...defaultSettings.resources, maxPerPod: { cpu: '1', memory: '' } }
    expect(reasonFor(inits('x', { cpu: '1' }), { resources })).toBeUndefined()
    const rules = rulesFor(settings({ resources }), 'a')
    expect(admit(inits('x', { cpu: '2' }), rules)?.message).toMatch(
      /^Init container "fetch" .* limit of 2/,
    )
    expect(admit(inits('x'), rules)?.message).toContain(
      'set initContainers[0].resources.limits.cpu',
    )
  })
})

describe('storage', () => {
  const claim = (storage: string) =>
    anApp({ pvcs: [{ name: 'data', mountPath: '/data', storage }] })

  test('there is none until the owner says so', () => {
    expect(reasonFor(claim('1Gi'), {})).toBe('StorageOff')
    expect(reasonFor(anApp({ pvcs: [] }), {})).toBeUndefined()
    expect(reasonFor(claim('1Gi'), { storage: { enabled: true, maxPerClaim: '' } })).toBeUndefined()
  })

  test('a claim over the size of one is refused, in any unit', () => {
    const storage = { enabled: true, maxPerClaim: '1Gi' }
    expect(reasonFor(claim('1024Mi'), { storage })).toBeUndefined()
    expect(reasonFor(claim('1025Mi'), { storage })).toBe('ClaimTooLarge')
  })

  test('what is said for one peer goes before what is said for all', () => {
    const peers = { a: { storage: { enabled: true } } }
    expect(reasonFor(claim('1Gi'), { peers })).toBeUndefined()
    expect(reasonFor({ ...claim('1Gi'), peerName: 'b' }, { peers })).toBe('StorageOff')
  })
})

test('a dry run lists every rule that refuses, in order', () => {
  const rules = rulesFor(
    settings({
      inbound: { enabled: false, allowPeers: ['z'], denyPeers: [] },
      images: { allow: ['ghcr.io/me'], block: ['evil/'] },
      resources: { maxPerPod: { cpu: '1', memory: '' }, maxReplicasPerApp: 1 },
    }),
    'a',
  )
  const app = anApp({ image: 'evil/x', replicas: 2 })
  expect(refusals(app, rules).map(({ reason }) => reason)).toEqual([
    'InboundOff',
    'PeerNotAllowed',
    'ImageBlocked',
    'ImageNotAllowed',
    'TooManyReplicas',
    'PodTooLarge',
  ])
  expect(admit(app, rules)).toEqual(refusals(app, rules)[0])
})
