import { CreateToken, schemaErrors } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { lifetimes, tokenExample } from './token-example.ts'

test('the example asks this agent, with the token from the environment', () => {
  expect(tokenExample('http://localhost:8000')).toBe(
    `read -rs PORPULSION_TOKEN # paste it, then Enter
curl -X GET http://localhost:8000/api/remoteapps \\
  -H "Authorization: Bearer $PORPULSION_TOKEN"`,
  )
})

test.each(
  lifetimes.flatMap(({ label, seconds }) => (seconds === undefined ? [] : [[label, seconds]])),
)('%s is a lifetime that the agent takes', (_label, expiresInSeconds) => {
  expect(schemaErrors(CreateToken, { name: 'ci', expiresInSeconds })).toEqual([])
})
