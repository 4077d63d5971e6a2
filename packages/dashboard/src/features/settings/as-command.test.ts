import { expect, test } from 'vitest'
import { settingsCommands } from './as-command.ts'

test('changes become assignments that a shell and the command line read back as they are', () => {
  const changes = [
    { path: 'images.block', before: undefined, after: ["it's/**"] },
    { path: 'tunnels.mode', before: undefined, after: 'off' },
    { path: 'totals.cpu', before: undefined, after: '2' },
    { path: 'totals.apps', before: 3, after: undefined },
  ]
  expect(settingsCommands(changes, {}, 'http://localhost').cli).toBe(
    `porpulsion settings set \\
  'images.block=["it'\\''s/**"]' \\
  'tunnels.mode="off"' \\
  'totals.cpu="2"' \\
  totals.apps=null`,
  )
})

test('the request is a merge patch', () => {
  const { curl } = settingsCommands([], { totals: { apps: null } }, 'http://localhost')
  expect(curl).toContain('curl -X PATCH http://localhost/api/settings')
  expect(curl).toContain('"apps": null')
})
