import { expect, test } from 'vitest'
import { completeOptions, optionsFromEnvironment, type AgentOptions } from './config.ts'

const minimal: AgentOptions = { name: 'a', cluster: { kind: 'kubeconfig', file: 'a.kubeconfig' } }

test.each([
  [{ name: 'Cluster A' }, /^name: /],
  [{ selfUrl: 'porpulsion.example.com' }, /^selfUrl: must be an http/],
  [{ selfUrl: 'https://example.com/porpulsion' }, /^selfUrl: /],
  [{ peerPort: Number('eight') }, /^peerPort: must be a port number/],
  [{ leafLifetimeSeconds: 59 }, /^leafLifetimeSeconds: must be a whole number of seconds from 60/],
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
