/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- answers are walked into as JSON; a field that is missing fails the assertion */
import { expect, test } from 'vitest'
import { aCluster, type Json, type TestApi } from './test-cluster.ts'

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const boats = '/apis/example.com/v1/namespaces/default/boats'
const merge = 'application/merge-patch+json'

const schema = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      required: ['hull'],
      'x-kubernetes-validations': [
        { rule: 'self.hull == oldSelf.hull', message: 'hull is immutable' },
        { rule: '!has(self.crew) || self.crew <= self.seats', message: 'more crew than seats' },
      ],
      properties: {
        hull: { type: 'string', enum: ['wood', 'steel'] },
        seats: { type: 'integer', minimum: 1, default: 4 },
        crew: { type: 'integer' },
        port: { 'x-kubernetes-int-or-string': true },
        note: { type: 'string', nullable: true, pattern: '^[a-z ]*$' },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        flags: { type: 'object', additionalProperties: { type: 'string' } },
        sails: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            required: ['name'],
            properties: { name: { type: 'string' }, area: { type: 'number', default: 1.5 } },
          },
        },
      },
    },
    status: {
      type: 'object',
      properties: { afloat: { type: 'boolean' }, crew: { type: 'integer' } },
    },
  },
}

const boatDefinition = {
  metadata: { name: 'boats.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'boats', kind: 'Boat', shortNames: ['bt'], categories: ['all'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: schema },
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.crew', statusReplicasPath: '.status.crew' },
        },
        additionalPrinterColumns: [
          { name: 'Hull', type: 'string', jsonPath: '.spec.hull' },
          { name: 'Sail', type: 'number', jsonPath: '.spec.sails[?(@.name=="main")].area' },
        ],
      },
    ],
  },
}

async function withBoats(): Promise<TestApi> {
  const api = await aCluster()
  expect((await api.call('POST', definitions, { body: boatDefinition })).status).toBe(201)
  return api
}

function aBoat(name: string, spec: object = {}): object {
  const metadata = { name }
  return { apiVersion: 'example.com/v1', kind: 'Boat', metadata, spec: { hull: 'wood', ...spec } }
}

test('a definition is established and served by the answer that stores it', async () => {
  const { call } = await withBoats()
  const { body } = await call('GET', `${definitions}/boats.example.com`)
  const conditions = body.status.conditions.map(({ type, status }: Json) => `${type}=${status}`)
  expect(conditions).toEqual(['NamesAccepted=True', 'Established=True'])
  const { body: resources } = await call('GET', '/apis/example.com/v1')
  expect(resources.resources.map(({ name }: Json) => name)).toEqual([
    'boats',
    'boats/status',
    'boats/scale',
  ])
  expect(resources.resources[0]).toMatchObject({ shortNames: ['bt'], categories: ['all'] })
})

test('defaults are filled in and unknown fields pruned, except where they are kept', async () => {
  const { call } = await withBoats()
  const boat = aBoat('a', {
    colour: 'red',
    free: { any: { thing: 1 } },
    flags: { a: 'b' },
    sails: [{ name: 'main', size: 3 }],
  })
  const { body, headers } = await call('POST', boats, { body: boat })
  expect(body.spec).toEqual({
    hull: 'wood',
    seats: 4,
    free: { any: { thing: 1 } },
    flags: { a: 'b' },
    sails: [{ name: 'main', area: 1.5 }],
  })
  expect(headers.get('warning')).toContain('unknown field \\"spec.colour\\"')
  const strict = await call('POST', `${boats}?fieldValidation=Strict`, { body: boat })
  expect(strict.body.message).toBe(
    'strict decoding error: unknown field "spec.colour", unknown field "spec.sails[0].size"',
  )
})

test.each([
  [{ hull: 'glass' }, 'spec.hull: Unsupported value: "glass": supported values: "wood", "steel"'],
  [{ hull: undefined }, 'spec.hull: Required value'],
  [
    { seats: 'many' },
    'spec.seats: Invalid value: "string": spec.seats in body must be of type integer: "string"',
  ],
  [
    { seats: 0 },
    'spec.seats: Invalid value: 0: spec.seats in body should be greater than or equal to 1',
  ],
  [{ note: 'X' }, 'spec.note: Invalid value: "X": spec.note in body should match \'^[a-z ]*$\''],
  [{ crew: 9 }, 'spec: Invalid value: "object": more crew than seats'],
  [{ sails: [{ name: 'a' }, { name: 'a' }] }, 'spec.sails[1]: Duplicate value: {"name":"a"}'],
])('%j is invalid: %s', async (spec, message) => {
  const { call } = await withBoats()
  const answer = await call('POST', boats, { body: aBoat('a', spec) })
  expect(answer.status).toBe(422)
  expect(answer.body.message).toBe(`Boat.example.com "a" is invalid: ${message}`)
})

test.each([{ note: null }, { port: 80 }, { port: 'http' }, { crew: 4 }])(
  '%j is valid',
  async (spec) => {
    const { call } = await withBoats()
    expect((await call('POST', boats, { body: aBoat('a', spec) })).status).toBe(201)
  },
)

test('a transition rule compares with what was', async () => {
  const { call } = await withBoats()
  await call('POST', boats, { body: aBoat('a') })
  const answer = await call('PATCH', `${boats}/a`, {
    type: merge,
    body: { spec: { hull: 'steel' } },
  })
  expect(answer.body.message).toContain('spec: Invalid value: "object": hull is immutable')
})

test('status, generation and scale work as for built-in kinds', async () => {
  const { call } = await withBoats()
  const made = await call('POST', boats, { body: { ...aBoat('a'), status: { afloat: true } } })
  expect(made.body.status).toBeUndefined()
  const floating = await call('PATCH', `${boats}/a/status`, {
    type: merge,
    body: { status: { afloat: true, crew: 1 }, spec: { seats: 9 } },
  })
  expect(floating.body).toMatchObject({
    metadata: { generation: 1 },
    spec: { seats: 4 },
    status: { afloat: true },
  })
  const scaled = await call('PATCH', `${boats}/a/scale`, {
    type: merge,
    body: { spec: { replicas: 3 } },
  })
  expect(scaled.body).toMatchObject({ spec: { replicas: 3 }, status: { replicas: 1 } })
  const { body } = await call('GET', `${boats}/a`)
  expect(body).toMatchObject({ metadata: { generation: 2 }, spec: { crew: 3 } })
})

test('an update without a resourceVersion is refused, as custom resources have it', async () => {
  const { call } = await withBoats()
  await call('POST', boats, { body: aBoat('a') })
  const answer = await call('PUT', `${boats}/a`, { body: aBoat('a', { seats: 5 }) })
  expect(answer.body.message).toContain(
    'metadata.resourceVersion: Invalid value: 0: must be specified',
  )
})

test('keyed lists are applied element by element', async () => {
  const { call } = await withBoats()
  const applyAs = (manager: string, sails: object[]): Promise<Json> =>
    call('PATCH', `${boats}/a?fieldManager=${manager}`, {
      type: 'application/apply-patch+yaml',
      body: aBoat('a', { sails }),
    })
  await applyAs('one', [{ name: 'main', area: 9 }])
  const both = await applyAs('two', [{ name: 'jib', area: 2 }])
  expect(both.body.spec.sails.map(({ name }: Json) => name)).toEqual(['main', 'jib'])
  const left = await applyAs('one', [])
  expect(left.body.spec.sails).toEqual([{ name: 'jib', area: 2 }])
})

test('printer columns show what their paths lead to', async () => {
  const { call } = await withBoats()
  await call('POST', boats, { body: aBoat('a', { sails: [{ name: 'main', area: 7 }] }) })
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
  const { body } = await call('GET', boats, { accept })
  expect(body.columnDefinitions.map(({ name }: Json) => name)).toEqual(['Name', 'Hull', 'Sail'])
  expect(body.rows[0].cells).toEqual(['a', 'wood', 7])
})

test('a deleted definition takes its objects along, and waits for those that are held', async () => {
  const { call } = await withBoats()
  await call('POST', boats, { body: aBoat('free') })
  const held = { ...aBoat('held'), metadata: { name: 'held', finalizers: ['example.com/hold'] } }
  await call('POST', boats, { body: held })
  await call('DELETE', `${definitions}/boats.example.com`)
  expect((await call('POST', boats, { body: aBoat('late') })).status).toBe(405)
  expect((await call('GET', `${definitions}/boats.example.com`)).status).toBe(200)
  await call('PATCH', `${boats}/held`, { type: merge, body: { metadata: { finalizers: null } } })
  await expect
    .poll(async () => (await call('GET', `${definitions}/boats.example.com`)).status)
    .toBe(404)
  expect((await call('GET', boats)).status).toBe(404)
})

test.each([
  [{ metadata: { name: 'wrong.example.com' } }, 'metadata.name'],
  [{ spec: { ...boatDefinition.spec, versions: [] } }, 'spec.versions'],
  [{ spec: { ...boatDefinition.spec, scope: 'World' } }, 'spec.scope'],
  [
    {
      spec: {
        ...boatDefinition.spec,
        versions: [
          {
            ...boatDefinition.spec.versions[0],
            schema: {
              openAPIV3Schema: { type: 'object', 'x-kubernetes-validations': [{ rule: 'self..' }] },
            },
          },
        ],
      },
    },
    'x-kubernetes-validations',
  ],
])('a definition with %j is refused', async (change, field) => {
  const { call } = await aCluster()
  const answer = await call('POST', definitions, { body: { ...boatDefinition, ...change } })
  expect(answer.status).toBe(422)
  expect(answer.body.message).toContain(field)
})
