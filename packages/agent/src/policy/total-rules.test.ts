import { effectiveSettings, type AppSpec, type SettingsDocument } from '@porpulsion/contract'
import { describe, expect, test } from 'vitest'
import { admit } from './admission-rules.ts'
import { rulesFor } from './peer-rules.ts'
import { createUsageLedger, type UsageLedger } from './usage-ledger.ts'
import { usageOf } from './usage.ts'

const noDefaults = effectiveSettings({}).resources.defaults
const spec = (change: Partial<AppSpec> = {}): AppSpec => ({ image: 'nginx', ...change })
const limited = (cpu: string, memory: string, replicas = 1): AppSpec =>
  spec({ replicas, resources: { limits: { cpu, memory } } })

function ledgerOf(apps: Readonly<Record<string, AppSpec>>): UsageLedger {
  const ledger = createUsageLedger()
  for (const [name, app] of Object.entries(apps))
    ledger.set(name, name.split('/')[0] ?? '', usageOf(app, noDefaults))
  return ledger
}

/** Judges an app of peer `a` beside those in the ledger. */
function judge(ledger: UsageLedger, app: AppSpec, document: SettingsDocument, name = 'a/new') {
  const others = ledger.besides(name, 'a')
  return admit({ peerName: 'a', spec: app, others }, rulesFor(effectiveSettings(document), 'a'))
}

describe('counts', () => {
  test('one app more than all may have is refused, without a word of how many others there are', () => {
    const ledger = ledgerOf({ 'a/1': spec(), 'b/1': spec() })
    expect(judge(ledger, spec(), { totals: { apps: 3 } })).toBeUndefined()
    expect(judge(ledger, spec(), { totals: { apps: 2 } })).toEqual({
      reason: 'TotalExceeded',
      message:
        'There is no room left for it in the 2 apps that all peers share (totals.apps); it asks for 1',
    })
  })

  test('a total of one peer counts its apps alone', () => {
    const ledger = ledgerOf({ 'a/1': spec(), 'b/1': spec(), 'b/2': spec() })
    expect(judge(ledger, spec(), { peers: { a: { totals: { apps: 2 } } } })).toBeUndefined()
    expect(judge(ledger, spec(), { peers: { a: { totals: { apps: 1 } } } })?.message).toBe(
      'With it there would be 2 apps of peer "a", more than the 1 allowed (peers.a.totals.apps)',
    )
  })

  test('replicas count', () => {
    const ledger = ledgerOf({ 'a/1': spec({ replicas: 3 }) })
    expect(judge(ledger, spec({ replicas: 2 }), { totals: { pods: 5 } })).toBeUndefined()
    expect(judge(ledger, spec({ replicas: 3 }), { totals: { pods: 5 } })?.reason).toBe(
      'TotalExceeded',
    )
  })

  test('an update does not count its own earlier version', () => {
    const ledger = ledgerOf({ 'a/web': limited('2', '1Gi', 2) })
    const update = limited('2', '1Gi', 2)
    expect(judge(ledger, update, { totals: { apps: 1, pods: 2, cpu: '4' } }, 'a/web')).toBe(
      undefined,
    )
  })

  test('what takes nothing may always come down to it, however much the others take', () => {
    const ledger = ledgerOf({ 'a/1': spec({ replicas: 9 }) })
    const none = limited('1', '1Gi', 0)
    expect(judge(ledger, none, { totals: { pods: 1, cpu: '1' } }, 'a/web')).toBeUndefined()
  })
})

describe('amounts', () => {
  test.each([
    ['exactly what is left', '2', '4Gi', undefined],
    ['the smallest amount more', '2001m', '4Gi', 'TotalExceeded'],
    ['memory in another unit', '1', '4097Mi', 'TotalExceeded'],
    ['memory in thousands', '1', '4294967k', undefined],
    ['one thousand more', '1', '4294968k', 'TotalExceeded'],
    ['500000M, which is not 500 bytes', '1', '500000M', 'TotalExceeded'],
    ['10T, which is not 0', '1', '10T', 'TotalExceeded'],
  ])('%s', (_what, cpu, memory, reason) => {
    const ledger = ledgerOf({ 'a/1': limited('1', '2Gi', 2) })
    const totals = { cpu: '4', memory: '8Gi' }
    expect(judge(ledger, limited(cpu, memory), { totals })?.reason).toBe(reason)
  })

  test('the refusal says what would be used and what is asked for', () => {
    const ledger = ledgerOf({ 'b/1': limited('1500m', '1Gi') })
    expect(judge(ledger, limited('500m', '1Gi', 2), { totals: { cpu: '2' } })?.message).toBe(
      'There is no room left for it in the 2 of cpu that all peers share (totals.cpu); it asks for 1',
    )
  })

  test('of init containers the largest counts, and only where it is more than the app', () => {
    const inits = (cpu: string): AppSpec => ({
      ...limited('1', '1Gi'),
      initContainers: ['1', cpu].map((amount, index) => ({
        name: `i${index}`,
        image: 'x',
        resources: { limits: { cpu: amount, memory: '1Gi' } },
      })),
    })
    const ledger = createUsageLedger()
    expect(judge(ledger, inits('2'), { totals: { cpu: '2' } })).toBeUndefined()
    expect(judge(ledger, inits('3'), { totals: { cpu: '2' } })?.reason).toBe('TotalExceeded')
  })

  test('claims count once, however many pods share them', () => {
    const claim = (storage: string): AppSpec =>
      spec({ replicas: 3, pvcs: [{ name: 'd', mountPath: '/d', storage }] })
    const rules = { storage: { enabled: true }, totals: { storage: '10Gi' } }
    const ledger = ledgerOf({ 'a/1': claim('4Gi') })
    expect(judge(ledger, claim('6Gi'), rules)).toBeUndefined()
    expect(judge(ledger, claim('6145Mi'), rules)?.reason).toBe('TotalExceeded')
  })
})

describe('apps without a limit', () => {
  test.each([
    ['no limit', {}],
    ['a limit of 0, which is none to Kubernetes', { limits: { cpu: '0', memory: '1Gi' } }],
    ['only a request', { requests: { cpu: '1n' } }],
  ])('%s is unlimited, not 0', (_what, resources) => {
    expect(
      judge(createUsageLedger(), spec({ resources }), { totals: { cpu: '100' } })?.message,
    ).toBe(
      'It has a container without cpu limit, which counts as unlimited, and all peers together may use 100 (totals.cpu); set resources.limits.cpu',
    )
  })

  test('one that runs already leaves nothing to others', () => {
    const ledger = ledgerOf({ 'b/1': spec() })
    expect(judge(ledger, limited('1', '1Gi'), { totals: { cpu: '100' } })?.message).toContain(
      'There is no room left for it in the 100 of cpu that all peers share (totals.cpu)',
    )
  })
})

test('the rules decide over a thousand apps beside a thousand others in at most 50 ms of CPU', () => {
  const ledger = createUsageLedger()
  const document: SettingsDocument = {
    images: { allow: ['ghcr.io/me/**', 'docker.io/library/'], block: ['docker.io/evil/**'] },
    resources: { requireLimits: true, maxPerPod: { cpu: '4', memory: '8Gi' } },
    totals: { apps: 5_000, cpu: '5000', memory: '9Ti' },
    peers: { a: { totals: { apps: 4_000 } } },
  }
  const rules = rulesFor(effectiveSettings(document), 'a')
  const app = limited('500m', '128Mi', 2)
  const decideAll = (): number => {
    const before = process.cpuUsage()
    let refused = 0
    for (let i = 0; i < 1_000; i++) {
      const name = `a/${i}`
      const others = ledger.besides(name, 'a')
      if (admit({ peerName: 'a', spec: app, others }, rules) !== undefined) refused += 1
      ledger.set(name, 'a', usageOf(app, rules.resources.defaults))
    }
    expect(refused).toBe(0)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1_000
  }
  // The best of some: the first go through code that is not compiled yet.
  const times = Array.from({ length: 5 }, decideAll)
  expect(Math.min(...times)).toBeLessThan(50)
})

test('a total of 0 is no limit, in any spelling', () => {
  const ledger = ledgerOf({ 'a/1': spec() })
  for (const none of ['', '0', '0Gi', '0m'])
    expect(judge(ledger, spec(), { totals: { apps: 0, cpu: none, memory: none } })).toBeUndefined()
})
