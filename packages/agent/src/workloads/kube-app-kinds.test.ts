/** What the API server itself says to somebody who writes a RemoteApp with kubectl. */
import { GROUP_VERSION, type RemoteApp, type RemoteAppSpec } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { anApiServer } from '../../test/support/api-server.ts'
import { RemoteAppKind } from './kube-app-kinds.ts'

async function create(spec: Partial<RemoteAppSpec>): Promise<string> {
  const { client, namespace } = await anApiServer()
  const app: RemoteApp = {
    apiVersion: GROUP_VERSION,
    kind: 'RemoteApp',
    metadata: { name: 'web', namespace },
    spec: { targetPeer: 'b', image: 'x', ...spec },
  }
  return await client.create(RemoteAppKind, app).then(
    () => 'created',
    (error: unknown) => String(error),
  )
}

test('an app with everything that has rules is taken', async () => {
  expect(
    await create({
      env: [
        { name: 'A', value: '' },
        { name: 'B', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ],
      readinessProbe: { tcpSocket: { port: 80 } },
      secrets: [
        { name: 'a', mountPath: '/a', data: { b: 'c' } },
        { name: 'd', mountPath: '/d', fromSecret: 'e' },
      ],
      initContainers: [{ name: 'i', image: 'y', env: [{ name: 'A', value: '1' }] }],
    }),
  ).toBe('created')
})

test.each<[string, Partial<RemoteAppSpec>, string]>([
  ['spec.env[0]', { env: [{ name: 'A' }] }, 'needs either value or valueFrom'],
  [
    'spec.env[0].valueFrom',
    { env: [{ name: 'A', valueFrom: {} }] },
    'needs exactly one of configMapKeyRef, secretKeyRef, fieldRef',
  ],
  [
    'spec.livenessProbe',
    { livenessProbe: { tcpSocket: { port: 1 }, httpGet: { port: 1 } } },
    'needs exactly one of httpGet, tcpSocket, exec',
  ],
  [
    'spec.secrets[0]',
    { secrets: [{ name: 'a', mountPath: '/a', fromSecret: 'b', data: { c: 'd' } }] },
    'has fromSecret beside data or binaryData; keep one',
  ],
])('%s of %j is refused with the mend', async (field, spec, message) => {
  const answer = await create(spec)
  expect(answer).toContain(`${field}: Invalid value`)
  expect(answer).toContain(message)
})
