import { expect, test } from 'vitest'
import { decisionCommands } from './approval-commands.ts'

const origin = 'https://porpulsion.example'

test('a word on one that waits carries the note that was written', () => {
  const commands = decisionCommands('reject', ['ab.1'], "not on a Friday; it's late", origin)
  expect(commands.cli).toBe(
    `porpulsion approval reject ab.1 --note 'not on a Friday; it'\\''s late'`,
  )
  expect(commands.curl).toContain('/api/approval/ab.1/reject')
})

test('several are decided one by one: each id names what was seen', () => {
  const { cli, curl } = decisionCommands('approve', ['a', 'b'], '', origin)
  expect(cli).toBe('porpulsion approval approve a\nporpulsion approval approve b')
  expect(curl.match(/approve'?/g)).toHaveLength(2)
})
