import type { RemoteApp } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { appCommands, portCommands } from './app-commands.ts'

const app: RemoteApp = {
  apiVersion: 'porpulsion.io/v1alpha1',
  kind: 'RemoteApp',
  metadata: { name: 'web', namespace: 'shop', uid: 'u1' },
  spec: { image: 'nginx', targetPeer: 'b', replicas: 3 },
}
const origin = 'http://localhost:8000'

test('each command names the app and its namespace', () => {
  const { cli, kubectl } = appCommands(app, origin)
  expect(cli).toContain('porpulsion app scale web -n shop --replicas 3')
  expect(kubectl?.split('\n').every((line) => line.includes('remoteapp web -n shop'))).toBe(true)
})

test('with curl, the app is named by its uid', () => {
  expect(appCommands(app, origin).curl).toContain(
    `curl -X POST ${origin}/api/remoteapp/u1/restart \\`,
  )
})

test('a port is asked for through a URL that is made for it, or made a local one', () => {
  expect(portCommands(app, 8080, origin).cli).toContain(
    'curl "$(porpulsion app url web -n shop --port 8080)"',
  )
  expect(portCommands(app, 8080, origin).curl).toContain('"port": 8080')
  expect(portCommands(app, 8080, origin).cli).toContain(
    'porpulsion app port-forward web -n shop 8080',
  )
})
