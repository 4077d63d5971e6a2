import type { AppConfigPatch, RemoteApp, RemoteAppSpec } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { appConfigOf, touchedPaths, withConfigPatch } from './app-config.ts'

const spec: RemoteAppSpec = {
  targetPeer: 'b',
  image: 'nginx',
  configMaps: [
    { name: 'site', mountPath: '/etc/site', data: { 'a.conf': 'one', 'b.conf': 'two' } },
  ],
  secrets: [
    {
      name: 'keys',
      mountPath: '/keys',
      data: { password: 'hush' },
      binaryData: { 'store.p12': 'AAAA' },
    },
    { name: 'theirs', mountPath: '/theirs', fromSecret: 'vault' },
  ],
}
const app: RemoteApp = {
  apiVersion: 'porpulsion.io/v1alpha1',
  kind: 'RemoteApp',
  metadata: { name: 'web', namespace: 'porpulsion', uid: 'u', generation: 3 },
  spec,
}
const patched = (patch: AppConfigPatch): Pick<RemoteAppSpec, 'configMaps' | 'secrets'> => {
  const { configMaps, secrets, targetPeer, image, ...more } = withConfigPatch(spec, patch)
  expect({ targetPeer, image, ...more }).toEqual({ targetPeer: 'b', image: 'nginx' })
  return { ...(configMaps && { configMaps }), ...(secrets && { secrets }) }
}

test('secrets are shown by the names of their files, references as references', () => {
  const shown = appConfigOf(app, { showSecrets: false })
  expect(shown.metadata).toEqual(app.metadata)
  expect(shown.configMaps).toEqual(spec.configMaps)
  expect(shown.secrets).toEqual([
    { name: 'keys', mountPath: '/keys', keys: ['password', 'store.p12'] },
    { name: 'theirs', mountPath: '/theirs', keys: [], fromSecret: 'vault' },
  ])
})

test('who may see values sees them', () => {
  const [keys, theirs] = appConfigOf(app, { showSecrets: true }).secrets
  expect(keys).toMatchObject({ data: { password: 'hush' }, binaryData: { 'store.p12': 'AAAA' } })
  expect(theirs).toEqual({ name: 'theirs', mountPath: '/theirs', keys: [], fromSecret: 'vault' })
})

test('a file that is set leaves the others as they were', () => {
  const { secrets, configMaps } = patched({ secrets: { keys: { data: { token: 'new' } } } })
  expect(secrets?.[0]).toEqual({
    name: 'keys',
    mountPath: '/keys',
    data: { password: 'hush', token: 'new' },
    binaryData: { 'store.p12': 'AAAA' },
  })
  expect(secrets?.[1]).toEqual(spec.secrets?.[1])
  expect(configMaps).toEqual(spec.configMaps)
})

test('null removes a file, whichever way it was written, and an empty map with its last file', () => {
  const { secrets } = patched({
    secrets: { keys: { data: { 'store.p12': null, password: null } } },
  })
  expect(secrets?.[0]).toEqual({ name: 'keys', mountPath: '/keys' })
})

test('a file that was text becomes binary, and is there once', () => {
  const { secrets } = patched({ secrets: { keys: { binaryData: { password: 'BBBB' } } } })
  expect(secrets?.[0]).toEqual({
    name: 'keys',
    mountPath: '/keys',
    binaryData: { 'store.p12': 'AAAA', password: 'BBBB' },
  })
})

test('a name is removed with all its files, and the field with its last name', () => {
  expect(patched({ configMaps: { site: null }, secrets: { keys: null } })).toEqual({
    secrets: [spec.secrets?.[1]],
  })
})

test('removing what is not there changes nothing', () => {
  expect(patched({ configMaps: { nope: null, site: { data: { nope: null } } } })).toEqual({
    configMaps: spec.configMaps,
    secrets: spec.secrets,
  })
})

test('a new name needs to be told where it appears', () => {
  const made = patched({ configMaps: { more: { mountPath: '/more', data: { x: '1' } } } })
  expect(made.configMaps?.[1]).toEqual({ name: 'more', mountPath: '/more', data: { x: '1' } })
  expect(() => withConfigPatch(spec, { secrets: { more: { data: { x: '1' } } } })).toThrow(
    expect.objectContaining({
      code: 'InvalidRequest',
      fields: [expect.objectContaining({ path: 'secrets.more.mountPath' })],
    }),
  )
})

test('a reference takes the place of files, and files only that of a reference that is ended', () => {
  const referring = patched({ secrets: { keys: { fromSecret: 'vault' } } })
  expect(referring.secrets?.[0]).toEqual({ name: 'keys', mountPath: '/keys', fromSecret: 'vault' })
  expect(() => withConfigPatch(spec, { secrets: { theirs: { data: { x: '1' } } } })).toThrow(
    /Secret "vault"/,
  )
  const own = patched({ secrets: { theirs: { fromSecret: null, data: { x: '1' } } } })
  expect(own.secrets?.[1]).toEqual({ name: 'theirs', mountPath: '/theirs', data: { x: '1' } })
})

test('every field that cannot be is named at once', () => {
  const patch = { configMaps: { a: {} }, secrets: { b: {}, theirs: { data: {} } } }
  expect(() => withConfigPatch(spec, patch)).toThrow(
    expect.objectContaining({
      fields: [
        expect.objectContaining({ path: 'configMaps.a.mountPath' }),
        expect.objectContaining({ path: 'secrets.b.mountPath' }),
        expect.objectContaining({ path: 'secrets.theirs.data' }),
      ],
    }),
  )
})

test('what a change touches is told without what it holds', () => {
  const patch: AppConfigPatch = {
    configMaps: { site: { data: { 'a.conf': 'canary', 'b.conf': null } }, old: null },
    secrets: { keys: { mountPath: '/canary', data: { password: 'canary' }, fromSecret: null } },
  }
  expect(touchedPaths(patch)).toEqual([
    'configMaps.site.data.a.conf',
    'configMaps.site.data.b.conf',
    'configMaps.old',
    'secrets.keys.mountPath',
    'secrets.keys.data.password',
    'secrets.keys.fromSecret',
  ])
})
