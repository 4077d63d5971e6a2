import { GROUP_VERSION, type AppSpec, type RemoteApp } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { withoutSecretValues } from './hidden-secrets.ts'
import { joinSecretValues, splitSecretValues } from './secret-values.ts'

const spec: AppSpec = {
  image: 'x',
  secrets: [
    { name: 'a', mountPath: '/a', data: { key: 'hunter2' }, binaryData: { bin: 'aHVudGVyMg==' } },
    { name: 'b', mountPath: '/b' },
  ],
  imagePullSecrets: [{ name: 'registry', dockerConfigJson: 'aHVudGVyMg==' }],
}

test('a record without its values and its values apart make the app again', () => {
  const { app, values } = splitSecretValues(spec)
  expect(JSON.stringify(app)).not.toMatch(/hunter2|aHVudGVyMg/)
  expect(joinSecretValues(app, values)).toEqual(spec)
})

test('an app without secrets has nothing to keep apart', () => {
  expect(splitSecretValues({ image: 'x' })).toEqual({ app: { image: 'x' }, values: undefined })
  expect(() => joinSecretValues({ image: 'x', secrets: [] }, '{"secrets": 1}')).toThrow()
})

test('for who may only look, neither spec nor the copy kubectl keeps has a value', () => {
  const app: RemoteApp = {
    apiVersion: GROUP_VERSION,
    kind: 'RemoteApp',
    metadata: {
      name: 'web',
      annotations: { note: 'stays', 'kubectl.kubernetes.io/last-applied-configuration': 'hunter2' },
    },
    spec: { image: 'x', targetPeer: 'b', secrets: [...(spec.secrets ?? [])] },
  }
  const hidden = withoutSecretValues(app)
  expect(JSON.stringify(hidden)).not.toMatch(/hunter2|aHVudGVyMg/)
  expect(hidden.spec.secrets?.[0]).toEqual({
    name: 'a',
    mountPath: '/a',
    data: { key: '' },
    binaryData: { bin: '' },
  })
  expect(hidden.metadata.annotations).toEqual({ note: 'stays' })
})
