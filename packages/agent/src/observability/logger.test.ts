import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { createLogger } from './logger.ts'

function logged(facts: object): Record<string, unknown> {
  let text = ''
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString()
      done()
    },
  })
  createLogger({ level: 'info', agent: 'a' }, sink).info(facts, 'Did something')
  return JSON.parse(text) as Record<string, unknown>
}

test('a secret under a telling key never reaches the log, at any of three depths', () => {
  const text = JSON.stringify(
    logged({
      token: 'hush',
      headers: { authorization: 'hush', cookie: 'hush' },
      request: { body: { bundle: 'hush', password: 'hush' } },
    }),
  )
  expect(text).not.toContain('hush')
  expect(text).toContain('[redacted]')
})

test('facts stay keys beside a constant message', () => {
  expect(logged({ peer: 'b', attempt: 3 })).toMatchObject({
    level: 'info',
    agent: 'a',
    peer: 'b',
    attempt: 3,
    msg: 'Did something',
  })
})
