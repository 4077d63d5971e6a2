import { expect, test } from 'vitest'
import { BuiltinShapes } from '../registry/builtin-shapes.ts'
import { builtinTypes } from '../registry/builtin-types.gen.ts'
import { protobufFields } from './protobuf-fields.gen.ts'
import { ProtobufDecoder } from './protobuf.ts'

const decoder = new ProtobufDecoder(new BuiltinShapes())

/** A field of wire type 2 (bytes) or 0 (varint, small numbers only). */
function field(number: number, value: string | Buffer | number): Buffer {
  if (typeof value === 'number') return Buffer.from([number << 3, value])
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes])
}

function message(apiVersion: string, kind: string, ...fields: readonly Buffer[]): Buffer {
  const type = Buffer.concat([field(1, apiVersion), field(2, kind)])
  return Buffer.concat([Buffer.from('k8s\0'), field(1, type), field(2, Buffer.concat(fields))])
}

test('a secret: maps, bytes, and zeros that mean absent', () => {
  const metadata = Buffer.concat([field(1, 's'), field(2, ''), field(3, 'default'), field(7, 0)])
  const entry = Buffer.concat([field(1, 'key'), field(2, 'ä')])
  const body = message('v1', 'Secret', field(1, metadata), field(2, entry), field(3, 'Opaque'))
  expect(decoder.decode(body)).toEqual({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', namespace: 'default' },
    data: { key: 'w6Q=' },
    type: 'Opaque',
  })
})

test('a deployment: a pointer that is zero is kept, an embedded message is flattened', () => {
  const source = field(2, Buffer.alloc(0)) // emptyDir
  const volume = Buffer.concat([field(1, 'v'), field(2, source)])
  const port = Buffer.concat([field(3, 0), field(4, 'TCP')])
  const container = Buffer.concat([field(1, 'main'), field(3, 'run'), field(6, port)])
  const podSpec = Buffer.concat([field(1, volume), field(2, container), field(11, 0)])
  const template = field(2, podSpec)
  const spec = Buffer.concat([field(1, 0), field(3, template), field(5, 0)])
  expect(decoder.decode(message('apps/v1', 'Deployment', field(2, spec)))).toMatchObject({
    spec: {
      replicas: 0,
      template: {
        spec: {
          volumes: [{ name: 'v', emptyDir: {} }],
          containers: [{ name: 'main', command: ['run'], ports: [{ protocol: 'TCP' }] }],
        },
      },
    },
  })
})

test('times have whole seconds, or fractions where the field has them', () => {
  const at = Buffer.concat([field(1, 100), field(2, 0)])
  const spec = Buffer.concat([field(1, 'me'), field(3, at)])
  const metadata = field(8, at)
  const lease = decoder.decode(
    message('coordination.k8s.io/v1', 'Lease', field(1, metadata), field(2, spec)),
  )
  expect(lease).toMatchObject({
    metadata: { creationTimestamp: '1970-01-01T00:01:40Z' },
    spec: { acquireTime: '1970-01-01T00:01:40.000000Z' },
  })
})

test('the options of a deletion are read whatever is deleted', () => {
  const body = message('apps/v1', 'DeleteOptions', field(1, 0), field(4, 'Foreground'))
  expect(decoder.decode(body)).toMatchObject({
    gracePeriodSeconds: 0,
    propagationPolicy: 'Foreground',
  })
})

test.each([
  ['no envelope', Buffer.from('{}')],
  ['an unknown kind', message('apps/v1', 'Spaceship')],
  ['a field that ends early', message('v1', 'Secret', Buffer.from([0x0a, 50, 1]))],
  [
    'a number that does not end',
    message('v1', 'Secret', Buffer.from([0x08, ...Array<number>(11).fill(0xff)])),
  ],
])('%s is a bad request', (_, body) => {
  expect(() => decoder.decode(body)).toThrow(expect.objectContaining({ reason: 'BadRequest' }))
})

test('every field of every built-in kind has its number', () => {
  const numbered = (id: string): string[] =>
    (protobufFields[id] ?? '').split(' ').flatMap((text) => {
      const [name = ''] = text.split('=')
      return name.startsWith('+') ? numbered(name.slice(1)) : [name]
    })
  // Definitions are only ever sent as JSON; claims of pods changed form after the types were published.
  const isRead = (id: string): boolean =>
    !id.startsWith('apiextensions.') && !['core.ClaimSource', 'core.PodResourceClaim'].includes(id)
  const missing = Object.entries(builtinTypes)
    .filter(([id]) => isRead(id))
    .flatMap(([id, line]) => {
      const known = new Set([...numbered(id), 'apiVersion', 'kind', ''])
      const names = line.split(' ').map((text) => text.split(/[!:]/)[0] ?? '')
      return names.filter((name) => !known.has(name)).map((name) => `${id}.${name}`)
    })
  expect(missing).toEqual([])
})
