import { expect, test } from 'vitest'
import {
  confirmCommands,
  connectCommands,
  inviteCommands,
  removeCommands,
} from './peer-commands.ts'

const origin = 'https://porpulsion.example'

test('an invite is made with the lifetime and the trust chosen on the page', () => {
  const commands = inviteCommands({ expiresInSeconds: 86_400, autoConfirm: true }, origin)
  expect(commands.cli).toBe('porpulsion invite create --expires 1440m --auto-confirm')
  expect(commands.curl).toContain('"autoConfirm": true')
})

test('an invite is in no command: it is a secret, and commands end up in histories', () => {
  const { cli, curl } = connectCommands('prod', origin)
  expect(cli).toMatch(/^porpulsion peer add --as prod /)
  expect(curl).toContain('porp1.…')
})

test('a peer is confirmed for exactly the fingerprint that was compared', () => {
  const commands = confirmCommands(
    { name: 'b', fingerprint: 'ab', namespace: 'porpulsion' },
    origin,
  )
  expect(commands.cli).toBe('porpulsion peer confirm b --fingerprint ab')
  expect(commands.kubectl).toContain('kubectl -n porpulsion patch peers.porpulsion.io b')
  expect(commands.curl).toContain('"fingerprint": "ab"')
})

test('what becomes of apps is part of the command that removes a peer', () => {
  const commands = removeCommands('b', { executingApps: 'keep', remoteApps: 'forget' }, origin)
  expect(commands.cli).toBe('porpulsion peer remove b --executing-apps keep --remote-apps forget')
  expect(commands.curl).toContain('/api/peer/b?executingApps=keep&remoteApps=forget')
})
