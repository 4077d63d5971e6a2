import { expect, test } from 'vitest'
import { describe as described } from './status.mjs'

const deployment = {
  metadata: {},
  spec: { replicas: 1, template: { spec: { containers: [{ image: 'x/porpulsion:dev-1' }] } } },
  status: { readyReplicas: 1 },
}
const pods = [{ metadata: {}, status: { containerStatuses: [{ restartCount: 2 }] } }]
const peer = (name: string, status: object) => ({
  metadata: { name },
  spec: { confirmed: true },
  status: { fingerprint: 'abcdef012345ffff', ...status },
})
const place = { name: 'a', pagePort: 18_001 }
const up = { ...place, deployment, pods, peers: [], apps: [], hosted: [] }

test('a cluster, its agent, its peers, its apps and those of others are told in a few lines', () => {
  const seen = {
    ...up,
    peers: [
      peer('b', { link: 'Connected', linkMessage: 'fine' }),
      peer('c', { link: 'Disconnected', linkMessage: 'no answer' }),
    ],
    apps: [
      {
        metadata: { name: 'web' },
        spec: { targetPeer: 'b' },
        status: { phase: 'Ready', replicas: 2, readyReplicas: 2 },
      },
    ],
    hosted: [
      {
        metadata: {
          name: 'shop-x',
          labels: { 'app.kubernetes.io/name': 'shop', 'porpulsion.io/peer': 'abcdef012345' },
        },
        status: { phase: 'Failed', replicas: 1, message: 'ImagePullBackOff' },
      },
    ],
  }
  expect(described(seen).split('\n')).toEqual([
    'a  http://localhost:18001  agent 1/1 ready, 2 restarts, image dev-1',
    '   peer  b  Connected',
    '   peer  c  Disconnected: no answer',
    '   app   web at b  Ready 2/2',
    '   runs  shop for b  Failed 0/1: ImagePullBackOff',
  ])
})

test('a fresh agent has no peers, and a cluster may lack its agent, or be gone', () => {
  expect(described(up)).toContain('no peers yet')
  expect(described({ ...up, deployment: undefined })).toContain('no agent: make deploy')
  expect(described(place)).toContain('does not answer')
})
