import { expect, test } from 'vitest'
import { withNpxArguments } from './npx-arguments.ts'

const npx = { npm_command: 'exec', npm_config_context: 'true' }

test('a context that npx took for its own is put back', () => {
  expect(withNpxArguments(['a', 'peer', 'list'], npx)).toEqual(['--context', 'a', 'peer', 'list'])
})

test('what npx left alone stays as it is', () => {
  const { npm_command } = npx
  expect(withNpxArguments(['peer', 'list'], { npm_command })).toEqual(['peer', 'list'])
  expect(withNpxArguments(['peer', 'list'], {})).toEqual(['peer', 'list'])
  expect(withNpxArguments(['--context', 'a', 'peer'], npx)).toEqual(['--context', 'a', 'peer'])
})
