import { expect, test } from 'vitest'
import { isPorpulsionError } from './errors.ts'
import { RemoteAppManifest } from './remote-app.ts'
import { SettingsDocument } from './settings.ts'
import { parseAs, schemaErrors } from './validate.ts'

const manifest = (spec: object): unknown => ({
  metadata: { name: 'web' },
  spec: { targetPeer: 'b', image: 'nginx', ...spec },
})

test.each([
  [{ replicas: 'two' }, 'spec.replicas', 'is a string'],
  [{ replicas: -1 }, 'spec.replicas', '>= 0'],
  [{ replcias: 2 }, 'spec.replcias', 'unknown field'],
  [{ ports: [{ port: 80 }, { port: 70_000 }] }, 'spec.ports[1].port', '65535'],
  [{ imagePullPolicy: 'Sometimes' }, 'spec.imagePullPolicy', 'one of Always, IfNotPresent, Never'],
  [{ resources: { limits: { cpu: 'lots' } } }, 'spec.resources.limits.cpu', 'quantity'],
  [{ env: [{ value: 'x' }] }, 'spec.env[0].name', 'is required'],
])('%j is refused at %s', (spec, path, message) => {
  const errors = schemaErrors(RemoteAppManifest, manifest(spec))
  expect(errors.map((error) => error.path)).toContain(path)
  expect(errors.find((error) => error.path === path)?.message).toContain(message)
})

test('a wrong value is never repeated: it could be a secret', () => {
  const errors = schemaErrors(
    RemoteAppManifest,
    manifest({ image: { password: 'hunter2' }, args: 'hunter2' }),
  )
  expect(JSON.stringify(errors)).not.toContain('hunter2')
})

test('what fits passes unchanged', () => {
  const value = manifest({ replicas: 2, ports: [{ port: 80, name: 'http' }] })
  expect(parseAs(RemoteAppManifest, value)).toBe(value)
})

test('parseAs throws InvalidRequest with every field', () => {
  try {
    parseAs(SettingsDocument, { inbound: { enabled: 'yes' }, nope: 1 })
    expect.unreachable()
  } catch (error) {
    expect(isPorpulsionError(error) && error.code).toBe('InvalidRequest')
    expect(isPorpulsionError(error) && error.fields.map((field) => field.path).sort()).toEqual([
      'inbound.enabled',
      'nope',
    ])
  }
})
