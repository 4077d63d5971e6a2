import type { RemoteAppSpec } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { namesSharedSecrets, submittedSpec, type SharedSecret } from './submitted-spec.ts'

const anApp = (spec: Partial<RemoteAppSpec> = {}): RemoteAppSpec => ({
  targetPeer: 'b',
  image: 'x',
  ...spec,
})
const aSecret = (change: Partial<SharedSecret> = {}): SharedSecret => ({
  type: 'Opaque',
  shareWith: 'b',
  data: { password: 'aHVudGVyMg==' },
  ...change,
})
const submit = (spec: Partial<RemoteAppSpec>, secrets: Record<string, SharedSecret> = {}) =>
  submittedSpec(anApp(spec), (name) => secrets[name])

const byReference = { secrets: [{ name: 'db', mountPath: '/db', fromSecret: 'database' }] }
const pulled = { imagePullSecrets: ['registry'] }
const registry = aSecret({
  type: 'kubernetes.io/dockerconfigjson',
  data: { '.dockerconfigjson': 'e30=' },
})

test('what is shared with the peer travels in the place of its name', () => {
  const { spec, problems } = submit(
    { ...byReference, ...pulled },
    { database: aSecret(), registry },
  )
  expect(problems).toEqual([])
  expect(spec.secrets).toEqual([
    { name: 'db', mountPath: '/db', binaryData: { password: 'aHVudGVyMg==' } },
  ])
  expect(spec.imagePullSecrets).toEqual([{ name: 'registry', dockerConfigJson: 'e30=' }])
  expect(spec).not.toHaveProperty('targetPeer')
})

test('other content is another spec', () => {
  const before = submit(byReference, { database: aSecret() }).spec
  const after = submit(byReference, { database: aSecret({ data: { password: 'b3RoZXI=' } }) }).spec
  expect(after).not.toEqual(before)
})

test.each([
  ['no such Secret', {}, /kubectl label secret database porpulsion\.io\/share-with=b$/],
  [
    'one for another peer',
    { database: aSecret({ shareWith: 'c' }) },
    /shared with "c" and not with "b"/,
  ],
])('%s is refused with the mend, and nothing of it travels', (_what, secrets, message) => {
  const { spec, problems } = submit(byReference, secrets)
  expect(problems).toMatchObject([{ path: 'spec.secrets[0].fromSecret' }])
  expect(problems[0]?.message).toMatch(message)
  expect(JSON.stringify(spec)).not.toContain('aHVudGVyMg==')
})

test('only credentials for registries pull images', () => {
  const { spec, problems } = submit(pulled, { registry: aSecret() })
  expect(problems).toMatchObject([{ path: 'spec.imagePullSecrets[0]' }])
  expect(problems[0]?.message).toContain('of type Opaque')
  expect(spec.imagePullSecrets).toEqual([{ name: 'registry' }])
})

test.each<[boolean, Partial<RemoteAppSpec>]>([
  [true, byReference],
  [true, pulled],
  [false, { secrets: [{ name: 'db', mountPath: '/db', data: { a: 'b' } }] }],
  [false, {}],
])('whether it depends on Secrets: %s', (expected, spec) => {
  expect(namesSharedSecrets(anApp(spec))).toBe(expected)
})
