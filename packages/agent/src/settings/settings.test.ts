import { defaultSettings } from '@porpulsion/contract'
import { expect, onTestFinished, test } from 'vitest'
import { createMemoryDocumentStore } from '../documents/index.ts'
import { createLogger } from '../observability/index.ts'
import { createSettingsStore, type SettingsStore } from './settings-store.ts'

const admin = { name: 'admin', role: 'admin' } as const

async function theSettings(text?: string) {
  const store = createMemoryDocumentStore(text)
  const settings: SettingsStore = createSettingsStore({
    store,
    logger: createLogger({ level: 'silent', agent: 'a' }),
  })
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  await settings.start(stop.signal)
  return { settings, store }
}

test('without a document every default is in force', async () => {
  const { settings } = await theSettings()
  expect(settings.current()).toEqual(defaultSettings)
  expect(settings.view()).toEqual({
    revision: settings.revision(),
    document: {},
    effective: defaultSettings,
  })
})

test('a document that is invalid at start turns inbound off and says so', async () => {
  const { settings } = await theSettings('inbound: {enabled: maybe}')
  expect(settings.current().inbound.enabled).toBe(false)
  expect(settings.view().problem).toMatch(/inbound\.enabled.*No apps are taken from peers/)
})

test.each([
  ['an unknown field', 'imagse: {}', /imagse: unknown field/],
  ['a wrong type', 'resources: {maxReplicasPerApp: many}', /maxReplicasPerApp/],
  ['a word that is none of the allowed', 'tunnels: {mode: perhaps}', /allow, approval, off/],
  ['something that is not YAML', 'inbound: {', /not valid YAML/],
])('%s leaves the last valid document in force', async (_name, text, problem) => {
  const { settings, store } = await theSettings('resources: {maxReplicasPerApp: 3}')
  const revision = settings.revision()
  store.put(text)
  expect(settings.current().resources.maxReplicasPerApp).toBe(3)
  expect(settings.revision()).toBe(revision)
  expect(settings.view().problem).toMatch(problem)
  store.put('resources: {maxReplicasPerApp: 4}')
  expect(settings.view()).not.toHaveProperty('problem')
  expect(settings.current().resources.maxReplicasPerApp).toBe(4)
})

test('a document edited by hand is in force at once and listeners hear of it', async () => {
  const { settings, store } = await theSettings()
  let heard = 0
  const unsubscribe = settings.onChange(() => heard++)
  store.put('inbound: {enabled: false}')
  expect([settings.current().inbound.enabled, heard]).toEqual([false, 1])
  unsubscribe()
  store.put(undefined)
  expect([settings.current().inbound.enabled, heard]).toEqual([true, 1])
})

test('the revision follows the rules, not their spelling', async () => {
  const { settings, store } = await theSettings('inbound: {denyPeers: [x]}\nimages: {block: [y]}')
  const revision = settings.revision()
  store.put('# a comment\nimages:\n  block: [y]\ninbound:\n  enabled: true\n  denyPeers: [x]\n')
  expect(settings.revision()).toBe(revision)
  store.put('images:\n  block: [z]\n')
  expect(settings.revision()).not.toBe(revision)
})

test('off is the word off, whoever wrote the YAML', async () => {
  const { settings } = await theSettings('tunnels: {mode: off}\npeers: {b: {tunnels: {mode: off}}}')
  expect(settings.current().tunnels.mode).toBe('off')
  expect(settings.current().peers['b']?.tunnels?.mode).toBe('off')
  const patched = await settings.patch({ images: { block: ['x'] } }, admin)
  expect(patched.document).toMatchObject({ tunnels: { mode: 'off' }, images: { block: ['x'] } })
  const replaced = await settings.replace({ tunnels: { mode: 'off' } }, admin)
  expect(replaced.document).toEqual({ tunnels: { mode: 'off' } })
})

test('replacing refuses an invalid document with every wrong field, and changes nothing', async () => {
  const { settings, store } = await theSettings('images: {block: [evil/*]}')
  const before = await store.read()
  await expect(
    settings.replace({ inbound: { enabled: 'yes' }, images: { allow: [''] }, nope: 1 }, admin),
  ).rejects.toMatchObject({
    kind: 'Invalid',
    code: 'SettingsInvalid',
    fields: expect.arrayContaining([
      expect.objectContaining({ path: 'inbound.enabled' }),
      expect.objectContaining({ path: 'images.allow[0]' }),
      expect.objectContaining({ path: 'nope' }),
    ]) as unknown,
  })
  expect(await store.read()).toEqual(before)
})

test('a patch changes what it names, null removes, and comments stay', async () => {
  const { settings, store } = await theSettings(
    '# ours\nimages:\n  block: [evil/*] # since the incident\n  allow: [a]\nresources:\n  maxReplicasPerApp: 3\n',
  )
  const view = await settings.patch(
    { images: { allow: null }, resources: { maxReplicasPerApp: 5 }, tunnels: { mode: 'off' } },
    admin,
  )
  expect(view.document).toEqual({
    images: { block: ['evil/*'] },
    resources: { maxReplicasPerApp: 5 },
    tunnels: { mode: 'off' },
  })
  expect((await store.read())?.text).toMatch(/# ours\n.*\n.*# since the incident/)
  expect(settings.current().resources.maxReplicasPerApp).toBe(5)
})

test('a patch on nothing makes the document, and an empty patch changes nothing', async () => {
  const { settings } = await theSettings()
  const view = await settings.patch({ inbound: { enabled: false } }, admin)
  expect(view.document).toEqual({ inbound: { enabled: false } })
  expect((await settings.patch({}, admin)).document).toEqual({ inbound: { enabled: false } })
})

test('a patch that would make the document invalid is refused', async () => {
  const { settings } = await theSettings('images: {block: [a]}')
  await expect(settings.patch({ images: { block: 'b' } }, admin)).rejects.toMatchObject({
    code: 'SettingsInvalid',
  })
  expect(settings.current().images.block).toEqual(['a'])
})

test('two who change different rules at once both have their way', async () => {
  const { settings, store } = await theSettings()
  await Promise.all([
    settings.patch({ inbound: { enabled: false } }, admin),
    settings.patch({ images: { block: ['x'] } }, admin),
  ])
  expect((await store.read())?.text).toContain('enabled: false')
  expect(settings.current()).toMatchObject({
    inbound: { enabled: false },
    images: { block: ['x'] },
  })
})

test('the late event of an earlier change does not bring back its rules', async () => {
  const memory = createMemoryDocumentStore()
  const events: (() => void)[] = []
  const settings = createSettingsStore({
    store: {
      ...memory,
      follow: (listener, signal) =>
        memory.follow((document) => {
          events.push(() => listener(document))
        }, signal),
    },
    logger: createLogger({ level: 'silent', agent: 'a' }),
  })
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  await settings.start(stop.signal)
  await settings.replace({ resources: { maxReplicasPerApp: 1 } }, admin)
  await settings.replace({ resources: { maxReplicasPerApp: 2 } }, admin)
  const seen: number[] = []
  settings.onChange(() => seen.push(settings.current().resources.maxReplicasPerApp))
  for (const event of events.slice(1)) event()
  expect(seen).toEqual([])
  expect(settings.current().resources.maxReplicasPerApp).toBe(2)
})
