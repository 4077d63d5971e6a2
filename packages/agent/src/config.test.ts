import { expect, test } from 'vitest'
import { completeOptions, optionsFromEnvironment, type AgentOptions } from './config.ts'

const minimal: AgentOptions = { name: 'a', cluster: { kind: 'kubeconfig', file: 'a.kubeconfig' } }

test.each([
  [{ name: 'Cluster A' }, /^name: /],
  [{ selfUrl: 'porpulsion.example.com' }, /^selfUrl: must be an http/],
  [{ selfUrl: 'https://example.com/porpulsion' }, /^selfUrl: /],
  [{ peerPort: Number('eight') }, /^peerPort: must be a port number/],
  [{ leafLifetimeSeconds: 59 }, /^leafLifetimeSeconds: must be a whole number of seconds from 60/],
  [
    { exposures: { ports: { first: 20_001, last: 20_000 } } },
    /^exposures.ports: must be FIRST-LAST/,
  ],
  [{ exposures: { ports: { first: 80, last: 90 } } }, /^exposures.ports: /],
  [{ leafLifetimeSeconds: 8 * 24 * 3_600 }, /^leafLifetimeSeconds: /],
])('%j is refused by name', (wrong, message) => {
  expect(() => completeOptions({ ...minimal, ...wrong })).toThrow(message)
})

test('outside a cluster the agent listens on loopback only', () => {
  expect(completeOptions(minimal).host).toBe('127.0.0.1')
  expect(completeOptions({ ...minimal, cluster: { kind: 'in-cluster' } }).host).toBe('0.0.0.0')
})

test('variables are read by name, empty ones as absent', () => {
  const environment = {
    PORPULSION_AGENT_NAME: 'a',
    PORPULSION_SELF_URL: '',
    PORPULSION_PEER_PORT: '9001',
    PORPULSION_LEAF_LIFETIME_SECONDS: '3600',
    PORPULSION_ALLOWED_HOSTS: 'a.example.com,b.example.com',
    AGENT_NAME: 'not ours',
  }
  expect(optionsFromEnvironment(environment)).toEqual({
    name: 'a',
    peerPort: 9001,
    leafLifetimeSeconds: 3_600,
    allowedHosts: ['a.example.com', 'b.example.com'],
    environment,
  })
})

test('where exposed ports are served is a range, an address and the labels of pods', () => {
  const environment = {
    PORPULSION_EXPOSE_PORTS: '20000-20009',
    PORPULSION_EXPOSE_HOST: '10.0.0.1',
    PORPULSION_EXPOSE_SELECTOR: 'app.kubernetes.io/name=porpulsion,role=agent',
  }
  expect(optionsFromEnvironment(environment).exposures).toEqual({
    ports: { first: 20_000, last: 20_009 },
    host: '10.0.0.1',
    selector: { 'app.kubernetes.io/name': 'porpulsion', role: 'agent' },
  })
  for (const range of ['20000', 'a-b', '-'])
    expect(() =>
      completeOptions({
        ...minimal,
        ...optionsFromEnvironment({ PORPULSION_EXPOSE_PORTS: range }),
        name: 'a',
      }),
    ).toThrow('exposures.ports')
})

test('how namespaces of peers come about is one of two ways', () => {
  const of = (namespaces: string) =>
    optionsFromEnvironment({
      PORPULSION_HOSTING_NAMESPACES: namespaces,
      PORPULSION_HOST_ROLE: 'porpulsion-host',
    }).hosting
  expect(of('precreated')).toEqual({ namespaces: 'precreated', hostRole: 'porpulsion-host' })
  expect(of('')).toEqual({ hostRole: 'porpulsion-host' })
  expect(() => of('some')).toThrow(/^PORPULSION_HOSTING_NAMESPACES: must be managed or precreated/)
})
