import { effectiveSettings, type AppSpec, type SettingsDocument } from '@porpulsion/contract'
import { describe, expect, test } from 'vitest'
import { admit, refusals, type Submission } from './admission-rules.ts'
import { policyRevision, rulesFor } from './peer-rules.ts'

const anApp = (spec: Partial<AppSpec> = {}): Submission => ({
  peerName: 'a',
  spec: { image: 'porpulsion/hello', ...spec },
})

const rules = (document: SettingsDocument, peer = 'a') =>
  rulesFor(effectiveSettings(document), peer)

const reasonFor = (submission: Submission, document: SettingsDocument): string | undefined =>
  admit(submission, rules(document, submission.peerName))?.reason

test('the default rules admit an ordinary app', () => {
  expect(admit(anApp(), rules({}))).toBeUndefined()
})

describe('source peers', () => {
  test('nothing comes in while inbound is off', () => {
    expect(reasonFor(anApp(), { inbound: { enabled: false } })).toBe('InboundOff')
  })
  test('a denied peer is turned away, others are not', () => {
    expect(reasonFor(anApp(), { inbound: { denyPeers: ['a'] } })).toBe('PeerNotAllowed')
    expect(reasonFor(anApp(), { inbound: { denyPeers: ['b'] } })).toBeUndefined()
  })
  test('with an allow list, who is not on it is turned away', () => {
    expect(reasonFor(anApp(), { inbound: { allowPeers: ['b'] } })).toBe('PeerNotAllowed')
    expect(reasonFor(anApp(), { inbound: { allowPeers: ['a'] } })).toBeUndefined()
  })
  test('deny wins over allow', () => {
    const both = { allowPeers: ['a'], denyPeers: ['a'] }
    expect(reasonFor(anApp(), { inbound: both })).toBe('PeerNotAllowed')
  })
})

describe('images', () => {
  test('a blocked image is refused with the line that blocks it', () => {
    expect(
      admit(anApp({ image: 'evil/x' }), rules({ images: { block: ['docker.io/evil/'] } })),
    ).toEqual({
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
    const listed = rules({ images: { allow: ['ghcr.io/myorg'] } })
    expect(admit(anApp({ image: 'ghcr.io/myorg-evil/x' }), listed)?.message).toBe(
      'Image ghcr.io/myorg-evil/x:latest is not on the allow list (images.allow: "ghcr.io/myorg")',
    )
  })
  test('what is no image reference is refused under any lists', () => {
    expect(reasonFor(anApp({ image: 'Not An Image' }), {})).toBe('ImageInvalid')
  })
})

describe('sizes', () => {
  const limits = (cpu: string, memory: string, maxReplicasPerApp = 0): SettingsDocument => ({
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
    const refusal = admit(app, rules(limits('2', '1Gi')))
    expect(refusal?.reason).toBe('PodTooLarge')
    expect(refusal?.message).toContain('set resources.limits.cpu')
  })
  test('a request above the limit of the owner is refused as well', () => {
    const app = anApp({ resources: { requests: { cpu: '3' }, limits: { cpu: '2' } } })
    expect(reasonFor(app, limits('2', ''))).toBe('PodTooLarge')
  })
})

describe('rules of one peer', () => {
  const base: SettingsDocument = {
    images: { allow: ['ghcr.io/all'], block: ['evil/'] },
    resources: { maxPerPod: { cpu: '1', memory: '' }, maxReplicasPerApp: 2 },
    peers: {
      a: {
        inbound: { enabled: false },
        images: { allow: ['ghcr.io/a'], block: ['worse/'] },
        resources: { maxPerPod: { cpu: '' }, maxReplicasPerApp: 5 },
        totals: { apps: 3 },
        tunnels: { mode: 'off' },
      },
    },
  }
  test('scalars and the allow list replace, the block list adds', () => {
    expect(rules(base)).toMatchObject({
      inbound: { enabled: false, denied: false, notListed: false },
      images: { allow: ['ghcr.io/a'], block: ['evil/', 'worse/'], requireDigest: false },
      resources: { maxPerPod: { cpu: '', memory: '' }, maxReplicasPerApp: 5 },
      totals: { apps: 0 },
      peerTotals: { apps: 3 },
      tunnels: { mode: 'off' },
    })
  })

  test.each(['b', 'constructor', '__proto__'])(
    'peer %s, which has none, gets the general ones',
    (name) => {
      expect(rules(base, name).resources).toMatchObject(base.resources ?? {})
    },
  )
  test('the revision changes with what decides over this peer and with nothing else', () => {
    const revision = (of: SettingsDocument, peer = 'b'): string => policyRevision(rules(of, peer))
    expect(revision({ ...base, peers: {} })).toBe(revision(base))
    expect(revision({ ...base, tunnels: { mode: 'off' } })).toBe(revision(base))
    expect(revision({ ...base, inbound: { denyPeers: ['c'] } })).toBe(revision(base))
    expect(revision({ ...base, inbound: { denyPeers: ['b'] } })).not.toBe(revision(base))
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
    const resources = { maxPerPod: { cpu: '1' } }
    expect(reasonFor(inits('x', { cpu: '1' }), { resources })).toBeUndefined()
    const sized = rules({ resources })
    expect(admit(inits('x', { cpu: '2' }), sized)?.message).toMatch(
      /^Init container "fetch" .* limit of 2/,
    )
    expect(admit(inits('x'), sized)?.message).toContain(
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

test('an image named by digest cannot change; where that is asked for, a tag is not enough', () => {
  const images = { requireDigest: true }
  const digest = `sha256:${'a'.repeat(64)}`
  expect(reasonFor(anApp({ image: `nginx@${digest}` }), { images })).toBeUndefined()
  expect(reasonFor(anApp({ image: `nginx:1.29@${digest}` }), { images })).toBeUndefined()
  expect(reasonFor(anApp({ image: 'nginx:1.29' }), { images })).toBe('DigestRequired')
  const initContainers = [{ name: 'fetch', image: 'busybox' }]
  expect(reasonFor(anApp({ image: `nginx@${digest}`, initContainers }), { images })).toBe(
    'DigestRequired',
  )
})

describe('presence of requests and limits', () => {
  const both = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } }

  test.each([
    ['nothing', undefined, 'RequestsMissing'],
    ['only CPU', { requests: { cpu: '1' } }, 'RequestsMissing'],
    ['requests', { requests: both.requests }, undefined],
    ['limits, which Kubernetes takes for requests too', { limits: both.limits }, undefined],
  ])('an app that says %s', (_what, resources, reason) => {
    expect(
      reasonFor(anApp(resources && { resources }), { resources: { requireRequests: true } }),
    ).toBe(reason)
  })

  test.each([
    ['nothing', {}, 'LimitsMissing'],
    ['requests', { requests: both.requests }, 'LimitsMissing'],
    ['limits', { limits: both.limits }, undefined],
    [
      'a limit of 0, which Kubernetes takes for none',
      { limits: { cpu: '0', memory: '0' } },
      'LimitsMissing',
    ],
  ])('limits are asked for, and the app says %s', (_what, resources, reason) => {
    expect(reasonFor(anApp({ resources }), { resources: { requireLimits: true } })).toBe(reason)
  })

  test('init containers are asked as well', () => {
    const initContainers = [{ name: 'fetch', image: 'x' }]
    const app = anApp({ resources: both, initContainers })
    const refusal = admit(app, rules({ resources: { requireLimits: true } }))
    expect(refusal?.message).toContain('set initContainers[0].resources.limits.cpu')
  })

  test('what the owner fills in need not be said', () => {
    const defaults = { requests: { cpu: '100m' }, limits: { cpu: '1', memory: '256Mi' } }
    const resources = { requireRequests: true, requireLimits: true, defaults }
    expect(reasonFor(anApp(), { resources })).toBeUndefined()
    expect(reasonFor(anApp(), { resources: { ...resources, maxPerPod: { cpu: '500m' } } })).toBe(
      'PodTooLarge',
    )
  })

  test('a request over the limit that would be filled in is refused by us, not by Kubernetes', () => {
    const resources = { defaults: { limits: { cpu: '1' } } }
    const app = anApp({ resources: { requests: { cpu: '2' } } })
    expect(admit(app, rules({ resources }))).toEqual({
      reason: 'LimitsMissing',
      message:
        'The app asks for 2 of cpu, more than the limit of 1 it gets (resources.defaults.limits.cpu); set resources.limits.cpu',
    })
  })
})

describe('security levels', () => {
  const at = (
    securityLevel: 'baseline' | 'restricted',
    securityContext: AppSpec['securityContext'],
  ) => reasonFor(anApp(securityContext && { securityContext }), { pods: { securityLevel } })

  test('ordinary images run at baseline, and no app gets rid of its system call filter', () => {
    expect(at('baseline', { runAsUser: 0, allowPrivilegeEscalation: true })).toBeUndefined()
    expect(at('baseline', { seccompProfile: { type: 'Unconfined' } })).toBe('SecurityLevel')
  })

  test.each([
    { runAsNonRoot: false },
    { runAsUser: 0 },
    { allowPrivilegeEscalation: true },
    { seccompProfile: { type: 'Unconfined' as const } },
  ])('restricted refuses %o', (securityContext) => {
    expect(at('restricted', securityContext)).toBe('SecurityLevel')
  })

  test('restricted takes an app that says nothing: what the level needs is filled in', () => {
    expect(at('restricted', undefined)).toBeUndefined()
  })
})

test('a dry run lists every rule that refuses, in order', () => {
  const strict = rules({
    inbound: { enabled: false, allowPeers: ['z'] },
    images: { allow: ['ghcr.io/me'], block: ['evil/'], requireDigest: true },
    resources: {
      requireRequests: true,
      requireLimits: true,
      maxPerPod: { cpu: '1' },
      maxReplicasPerApp: 1,
    },
    totals: { pods: 1 },
    pods: { securityLevel: 'restricted' },
  })
  const app = anApp({
    image: 'evil/x',
    replicas: 2,
    pvcs: [{ name: 'data', mountPath: '/data', storage: '1Gi' }],
    securityContext: { runAsUser: 0 },
  })
  expect(refusals(app, strict).map(({ reason }) => reason)).toEqual([
    'InboundOff',
    'PeerNotAllowed',
    'ImageBlocked',
    'ImageNotAllowed',
    'DigestRequired',
    'RequestsMissing',
    'LimitsMissing',
    'PodTooLarge',
    'TooManyReplicas',
    'TotalExceeded',
    'StorageOff',
    'SecurityLevel',
  ])
  expect(admit(app, strict)).toEqual(refusals(app, strict)[0])
})
