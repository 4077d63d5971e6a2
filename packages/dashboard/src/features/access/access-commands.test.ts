import { expect, test } from 'vitest'
import { createTokenCommands, endSessionsCommands, userCommands } from './access-commands.ts'

const origin = 'https://porpulsion.example'

test('a token is made with the role and the lifetime chosen on the page', () => {
  const chosen = { name: 'ci', role: 'operator', expiresInSeconds: 86_400 } as const
  expect(createTokenCommands(chosen, origin).cli).toBe(
    'porpulsion token create ci --role operator --expires 24h',
  )
  expect(createTokenCommands({ name: 'ci', role: 'viewer' }, origin).cli).toBe(
    'porpulsion token create ci --role viewer',
  )
})

test('who is disabled is offered the command that lets them in again', () => {
  const commands = userCommands(
    {
      name: 'ada',
      role: 'viewer',
      disabled: true,
      hasPassword: false,
      hasSignedIn: true,
      createdAt: '',
    },
    origin,
  )
  expect(commands.cli).toContain('porpulsion user enable ada')
  expect(commands.curl).toContain('"disabled": false')
})

test('sessions are ended by the name of their user', () => {
  expect(endSessionsCommands('ada', origin).curl).toContain('/api/sessions?user=ada')
})
