/** What is handed to helm and kubectl. */
import { expect, test } from 'vitest'
import { CommandFailed } from './command-runner.mjs'
import { agentTag } from './images.mjs'
import { declaredPeer, pairsOf } from './peering.mjs'
import { installRelease, releaseValues } from './release.mjs'
import type { Cluster } from './cluster.mjs'

test('the tag tells images apart, whichever engine says their id', () => {
  expect(agentTag('sha256:0123456789abcdef0123\n')).toBe('dev-0123456789ab')
  expect(agentTag('0123456789abcdef0123')).toBe('dev-0123456789ab')
})

test('peers reach an agent at its cluster’s address and the node port of the release', () => {
  const values = releaseValues({ name: 'a', address: '192.0.2.7', tag: 'dev-1' })
  expect(values.agent.selfUrl).toBe('http://192.0.2.7:30801')
  expect(values.service).toEqual({ peerType: 'NodePort', peerNodePort: 30_801 })
  const { url } = declaredPeer({ name: 'a', address: '192.0.2.7', caCertificate: '' }).spec
  expect(url).toBe(values.agent.selfUrl)
})

test('every two clusters are a pair, once', () => {
  expect(pairsOf(['a', 'b', 'c'])).toEqual([
    ['a', 'b'],
    ['a', 'c'],
    ['b', 'c'],
  ])
})

test('what a killed helm left is forgotten before the next one starts', async () => {
  const asked: string[] = []
  const note = (tool: string) => (args: readonly string[]) => {
    asked.push(`${tool} ${args.slice(0, 2).join(' ')}`)
    return Promise.resolve('')
  }
  await installRelease(aCluster({ kubectl: note('kubectl'), helm: note('helm') }), {
    address: '192.0.2.7',
    tag: 'dev-1',
  })
  expect(asked).toEqual([
    'kubectl delete secrets',
    'helm upgrade --install',
    'kubectl apply --server-side',
    'kubectl rollout status',
  ])
})

test('an agent that does not become ready is shown with its pods and its last words', async () => {
  const kubectl = ([verb, what]: readonly string[]) => {
    if (verb === 'rollout')
      return Promise.reject(new CommandFailed('timed out', { code: 1, output: '' }))
    return Promise.resolve({ logs: 'cannot read', get: `list of ${what}` }[verb ?? ''] ?? '')
  }
  const helm = () => Promise.resolve('')
  const agent = { address: '192.0.2.7', tag: 'dev-1' }
  await expect(installRelease(aCluster({ kubectl, helm }), agent)).rejects.toThrow(
    /Agent a does not become ready\.\nlist of pods\n\nlist of events\n\ncannot read/,
  )
})

const aCluster = (tools: Pick<Cluster, 'kubectl' | 'helm'>): Cluster => ({
  ...{ name: 'a', pagePort: 1, kubeconfig: '/state/a.kubeconfig' },
  get: () => Promise.reject(new Error('not asked')),
  ...tools,
})
