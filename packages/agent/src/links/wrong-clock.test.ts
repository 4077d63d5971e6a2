/** OpenSSL judges by the time of the machine: an agent whose own clock is elsewhere issues what nobody takes. */
import { expect, test } from 'vitest'
import { anIdentity } from '../../test/support/identities.ts'
import { knownAs } from '../../test/support/memory-directory.ts'
import { aSocketAgent, connected, whenLink } from '../../test/support/socket-agents.ts'
import { systemClock } from '../observability/index.ts'

const dayMs = 24 * 60 * 60 * 1_000

/** The agent of this clock, and one that is right; who has a URL of the other dials. */
async function withClockOff(byMs: number, dialler: 'the wrong one' | 'the right one') {
  const offset = { ms: byMs }
  const clock = { ...systemClock, now: () => Date.now() + offset.ms }
  const wrong = await aSocketAgent('wrong', { clock, identity: await anIdentity('wrong', clock) })
  const right = await aSocketAgent('right')
  const dials = dialler === 'the wrong one'
  wrong.directory.put(knownAs('right', right.identity, dials ? { url: right.url } : {}))
  right.directory.put(knownAs('wrong', wrong.identity, dials ? {} : { url: wrong.url }))
  for (const agent of [wrong, right]) agent.links.start()
  return { wrong, right, offset }
}

test.each([
  [-3 * dayMs, "has expired: the peer's clock is 3 days behind ours"],
  [3 * dayMs, "is not valid yet: the peer's clock is 3 days ahead of ours"],
])('who dials a peer whose clock is off by %i ms is told by how much', async (byMs, words) => {
  const { wrong, right } = await withClockOff(byMs, 'the right one')
  await whenLink(right, wrong, ({ message }) => message?.includes(words) === true)
  expect(right.links.view(wrong.identity.fingerprint)).toMatchObject({
    state: 'Disconnected',
    trouble: 'CertificateRefused',
  })
})

test('who dials with a wrong clock is told by the peer that refuses it', async () => {
  const { wrong, right } = await withClockOff(-3 * dayMs, 'the wrong one')
  await whenLink(wrong, right, ({ message }) => message?.includes('3 days behind') === true)
  expect(wrong.links.view(right.identity.fingerprint).message).toMatch(
    /"The certificate of the caller, by the clock here, has expired: the peer's clock is 3 days behind ours"$/,
  )
})

test('a clock that is set right is all it takes', async () => {
  const { wrong, right, offset } = await withClockOff(-3 * dayMs, 'the wrong one')
  await whenLink(wrong, right, ({ state }) => state === 'Disconnected')
  offset.ms = 0
  await Promise.all([whenLink(wrong, right, connected), whenLink(right, wrong, connected)])
})
