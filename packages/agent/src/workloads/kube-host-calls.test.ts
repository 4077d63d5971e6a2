import { GROUP_VERSION, PorpulsionError, type AppSubmission } from '@porpulsion/contract'
import { evenRandom, FakeClock } from '@porpulsion/kube/testing'
import { expect, test } from 'vitest'
import { createLogger } from '../observability/index.ts'
import type { KnownPeer, LinkView } from '../peers/index.ts'
import type { StoredRemoteApp } from './kube-app-kinds.ts'
import { HostCalls } from './kube-host-calls.ts'
import { LinkWatch } from './link-watch.ts'
import type { PeerLinks } from './neighbours.ts'
import { normaliseAppSpec } from './normalise-app-spec.ts'
import { Submissions } from './submissions.ts'

const peer: KnownPeer = {
  name: 'b',
  uid: 'u',
  fingerprint: 'b',
  caCertificatePem: '',
  confirmed: true,
}
const app: StoredRemoteApp = {
  apiVersion: GROUP_VERSION,
  kind: 'RemoteApp',
  metadata: {
    name: 'web',
    namespace: 'n',
    uid: 'uid',
    resourceVersion: '1',
    creationTimestamp: '',
    generation: 4,
  },
  spec: { targetPeer: 'b', image: 'x' },
}

/** A host that answers every submission with what `answer` throws. */
function aHost(answer: () => Error) {
  const submitted: AppSubmission[] = []
  const view: LinkView = { state: 'Connected', sinceMs: 0 }
  const links: PeerLinks = {
    view: () => view,
    onChange: () => () => undefined,
    call: (_fingerprint, _endpoint, { body }) => {
      submitted.push(body as AppSubmission)
      return Promise.reject(answer())
    },
    stream: () => Promise.reject(answer()),
  }
  const peers = {
    byName: () => peer,
    byFingerprint: () => peer,
    list: () => [peer],
    onChange: () => () => undefined,
  }
  const submissions = new Submissions()
  const calls = new HostCalls({
    links,
    linkWatch: new LinkWatch({ links, peers, clock: new FakeClock() }),
    submissions,
    specs: { of: () => ({ spec: normaliseAppSpec({ image: 'x' }), hash: 'hash', problems: [] }) },
    random: evenRandom,
    logger: createLogger({ level: 'silent', agent: 'a' }),
    epoch: 'boot',
  })
  return {
    submitted,
    submissions,
    submit: () => calls.submit(app, peer, new AbortController().signal),
  }
}

test('a host that is out of order is asked again, less and less often', async () => {
  const { submit, submissions } = aHost(
    () => new PorpulsionError('Unavailable', 'ClusterUnavailable', 'not yet'),
  )
  expect([await submit(), await submit(), await submit()]).toEqual([
    { requeueAfterMs: 500 },
    { requeueAfterMs: 1_000 },
    { requeueAfterMs: 2_000 },
  ])
  expect(submissions.of('uid').failure).toEqual({
    reason: 'ClusterUnavailable',
    message: 'Peer "b" could not take it: not yet',
  })
})

test('a host that calls the message itself wrong is not asked again: it has answered', async () => {
  const { submit, submissions } = aHost(
    () => new PorpulsionError('Invalid', 'InvalidRequest', 'spec.x: unknown field'),
  )
  await expect(submit()).resolves.toBeUndefined()
  expect(submissions.of('uid').verdict).toMatchObject({
    verdict: 'Refused',
    reason: 'InvalidSpec',
    message: 'spec.x: unknown field',
  })
})

test('a cluster that went back in time under a running agent starts a new epoch, a race does not', async () => {
  const { submit, submitted } = aHost(
    () => new PorpulsionError('Conflict', 'AppChanged', 'generation 9 is here'),
  )
  for (let attempts = 0; attempts < 4; attempts++) await submit()
  const epochs = submitted.map(({ epoch }) => epoch)
  expect(epochs.slice(0, 3)).toEqual(['boot/0', 'boot/0', 'boot/0'])
  expect(epochs[3]).toBe('boot/1')
})
