import { expect, test } from 'vitest'
import { nextSteps, throughPort } from './next-steps.mjs'
import type { Cluster } from './cluster.mjs'

const login = 'http://localhost:8000/login?code=abc'
const aCluster = (name: string, pagePort: number, secrets: readonly object[]): Cluster => ({
  ...{ name, pagePort, kubeconfig: `/state/${name}.kubeconfig` },
  get: () => Promise.resolve({ items: secrets }),
  kubectl: () => Promise.reject(new Error('not asked')),
  helm: () => Promise.reject(new Error('not asked')),
})
const unused = { data: { 'login-url': Buffer.from(login).toString('base64') } }
const clusters = [aCluster('a', 18_001, [unused]), aCluster('b', 18_002, [])]
const shown = (file: string): string => file.replace('/state', '.deploy')

test('each page comes with its one-time link, through the port of this machine', async () => {
  const text = await nextSteps(clusters, { arePeers: false, shown })
  expect(text).toContain('a  http://localhost:18001/login?code=abc\n')
  expect(text).toContain('b  http://localhost:18002   (somebody signed in with the link already)\n')
  expect(throughPort(login, 'http://localhost:1')).toBe('http://localhost:1/login?code=abc')
})

test('how to peer is told to those who still have to', async () => {
  const alone = await nextSteps(clusters, { arePeers: false, shown })
  expect(alone).toContain('create an invite')
  expect(alone).toContain('make deploy PEER=1')
  expect(alone).toContain('kubectl --kubeconfig .deploy/a.kubeconfig')
  const peered = await nextSteps(clusters, { arePeers: true, shown })
  expect(peered).not.toContain('invite')
})
