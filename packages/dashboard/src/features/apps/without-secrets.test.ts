import { expect, test } from 'vitest'
import { withoutSecrets } from './without-secrets.ts'

test('values of secrets are masked, their names and everything else stay', () => {
  const spec = {
    image: 'nginx',
    targetPeer: 'b',
    configMaps: [{ name: 'web', mountPath: '/etc/web', data: { 'a.conf': 'listen 80' } }],
    secrets: [
      { name: 'db', mountPath: '/etc/db', data: { password: 'hunter2' } },
      { name: 'tls', mountPath: '/etc/tls', binaryData: { 'tls.key': 'aHVudGVyMg==' } },
    ],
  }
  const shown = withoutSecrets(spec)
  expect(shown).toEqual({
    ...spec,
    secrets: [
      { name: 'db', mountPath: '/etc/db', data: { password: '••••••' } },
      { name: 'tls', mountPath: '/etc/tls', binaryData: { 'tls.key': '••••••' } },
    ],
  })
})
