import { expect, test } from 'vitest'
import { codeOf } from './login-code.ts'

test.each([
  ['http://localhost:8000/login?code=abc-_1', 'abc-_1'],
  ['  http://localhost:8000/login?x=1&code=abc\n', 'abc'],
  ['abc-_1', 'abc-_1'],
  [' abc ', 'abc'],
  ['http://localhost:8000/login', 'http://localhost:8000/login'],
])('%j holds the code %j', (pasted, code) => {
  expect(codeOf(pasted)).toBe(code)
})
