import { expect, test } from 'vitest'
import { errorCodes, retiredErrorCodes } from './error-codes.ts'
import { errorKindMeanings, errorKinds, fromProblem, PorpulsionError, toProblem } from './errors.ts'

test('every code is one CamelCase word, and no retired one is in use', () => {
  for (const code of Object.keys(errorCodes)) {
    expect(code).toMatch(/^[A-Z][A-Za-z]+$/)
    expect(retiredErrorCodes).not.toContain(code)
  }
})

test('every kind has a meaning on every surface', () => {
  expect(Object.keys(errorKindMeanings).sort()).toEqual([...errorKinds].sort())
})

test('an error survives the way over a problem document', () => {
  const error = new PorpulsionError('LimitExceeded', 'RateLimited', 'Too many requests', {
    fields: [{ path: 'spec.image', message: 'is required' }],
    retryAfterSeconds: 3,
  })
  const problem = toProblem(error, 'req-1')
  expect(problem).toMatchObject({ status: 429, code: 'RateLimited', instance: 'req-1' })
  const back = fromProblem(problem)
  expect(back).toMatchObject({
    kind: error.kind,
    code: error.code,
    message: error.message,
    fields: error.fields,
    retryAfterSeconds: 3,
  })
})

test.each([
  ['Invalid', 'MalformedRequest', 400],
  ['LimitExceeded', 'RequestTooLarge', 413],
  ['NotFound', 'AppGone', 410],
  ['Forbidden', 'HostNotAllowed', 421],
] as const)('%s %s answers %i', (kind, code, status) => {
  expect(toProblem(new PorpulsionError(kind, code, 'x')).status).toBe(status)
})
