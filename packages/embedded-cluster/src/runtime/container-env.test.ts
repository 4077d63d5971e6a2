import type { Container, Pod } from 'kubernetes-types/core/v1.js'
import { expect, test } from 'vitest'
import { containerEnv, expand, type ConfigSources } from './container-env.ts'

const facts = {
  podIP: '127.1.2.3',
  hostIP: '127.0.0.1',
  nodeName: 'node',
  allocatable: { cpu: '4', memory: '8Gi' },
}
const pod: Pod = {
  metadata: {
    name: 'web-1',
    namespace: 'shop',
    uid: 'u',
    labels: { app: 'web' },
    annotations: { note: 'x' },
  },
  spec: { containers: [], serviceAccountName: 'default' },
}
const sources: ConfigSources = {
  configMap: (name) => (name === 'config' ? { data: { color: 'red', size: 'L' } } : undefined),
  secret: (name) =>
    name === 'keys' ? { data: { token: Buffer.from('s3cret').toString('base64') } } : undefined,
}

function envOf(container: Partial<Container>): Record<string, string> {
  return containerEnv({ name: 'app', ...container }, pod, facts, sources)
}

test('a container knows where it is and listens, and nothing of the cluster process', () => {
  expect(envOf({ ports: [{ containerPort: 8080 }] })).toEqual({
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/',
    HOSTNAME: 'web-1',
    HOST: '127.1.2.3',
    POD_IP: '127.1.2.3',
    POD_NAME: 'web-1',
    POD_NAMESPACE: 'shop',
    PORT: '8080',
  })
})

test('the pod may choose its port, but not its address', () => {
  const env = envOf({
    env: [
      { name: 'PORT', value: '9000' },
      { name: 'HOST', value: '0.0.0.0' },
    ],
  })
  expect(env).toMatchObject({ PORT: '9000', HOST: '127.1.2.3' })
})

test('values refer to those before them; $$ is a dollar; unknown names stay', () => {
  const env = envOf({
    env: [
      { name: 'A', value: '1' },
      { name: 'B', value: '$(A)-$(POD_NAME)-$$(A)-$(NOPE)' },
    ],
  })
  expect(env['B']).toBe('1-web-1-$(A)-$(NOPE)')
  expect(expand('--port=$(A)', env)).toBe('--port=1')
})

test('values come from config maps, secrets, fields and resources', () => {
  const from = (name: string, valueFrom: object) => ({ name, valueFrom })
  const env = envOf({
    resources: { limits: { memory: '512Mi' }, requests: { cpu: '250m' } },
    env: [
      from('COLOR', { configMapKeyRef: { name: 'config', key: 'color' } }),
      from('TOKEN', { secretKeyRef: { name: 'keys', key: 'token' } }),
      from('UID', { fieldRef: { fieldPath: 'metadata.uid' } }),
      from('APP', { fieldRef: { fieldPath: "metadata.labels['app']" } }),
      from('NODE', { fieldRef: { fieldPath: 'spec.nodeName' } }),
      from('IP', { fieldRef: { fieldPath: 'status.podIP' } }),
      from('MEMORY_MI', { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } }),
      from('CPU', { resourceFieldRef: { resource: 'limits.cpu' } }),
      from('CPU_REQUEST_M', { resourceFieldRef: { resource: 'requests.cpu', divisor: '1m' } }),
    ],
  })
  expect(env).toMatchObject({
    COLOR: 'red',
    TOKEN: 's3cret',
    UID: 'u',
    APP: 'web',
    NODE: 'node',
    IP: '127.1.2.3',
    MEMORY_MI: '512',
    CPU: '4',
    CPU_REQUEST_M: '250',
  })
})

test('whole config maps and secrets, with a prefix', () => {
  const env = envOf({
    envFrom: [{ configMapRef: { name: 'config' }, prefix: 'C_' }, { secretRef: { name: 'keys' } }],
  })
  expect(env).toMatchObject({ C_color: 'red', C_size: 'L', token: 's3cret' })
})

test.each([
  [{ configMapKeyRef: { name: 'none', key: 'a' } }, 'configmap "none" not found'],
  [{ secretKeyRef: { name: 'none', key: 'a' } }, 'secret "none" not found'],
  [
    { configMapKeyRef: { name: 'config', key: 'shape' } },
    "couldn't find key shape in ConfigMap shop/config",
  ],
  [{ fieldRef: { fieldPath: 'spec.nope' } }, 'unsupported fieldPath: spec.nope'],
  [{ resourceFieldRef: { resource: 'nope.cpu' } }, 'unsupported resource: nope.cpu'],
])('what is missing is named: %o', (valueFrom, message) => {
  expect(() => envOf({ env: [{ name: 'X', valueFrom }] })).toThrow(message)
})

test('what is optional may be missing', () => {
  const env = envOf({
    env: [
      { name: 'X', valueFrom: { configMapKeyRef: { name: 'none', key: 'a', optional: true } } },
    ],
    envFrom: [{ secretRef: { name: 'none', optional: true } }],
  })
  expect(env).not.toHaveProperty('X')
})
