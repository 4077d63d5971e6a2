/** What a peer says of itself in its Hello is its own affair: a link must come up after whatever it said. */
import { expect, test } from 'vitest'
import { maxHelloCount } from '@porpulsion/protocol'
import { encodeHello } from '../../../protocol/src/hello.ts'
import { FrameType } from '../../../protocol/src/frame.ts'
import { defaultLimits } from '../../../protocol/src/limits.ts'
import { frameBytes } from '../../../protocol/test/support/raw-peer.ts'
import { HostileSession } from '../../test/support/hostile-session.ts'
import { knownAs } from '../../test/support/memory-directory.ts'
import { aSocketAgent, connected, link, whenLink } from '../../test/support/socket-agents.ts'

test('a peer that claims to replace the last session there can be is dialled again', async () => {
  const a = await aSocketAgent('a')
  const b = await aSocketAgent('b')
  a.directory.put(knownAs('b', b.identity))
  const session = await HostileSession.connect(b.identity, { ...a.identity, port: a.port })
  const hello = {
    bootId: 'e'.repeat(32),
    dialSeq: 1,
    replaces: maxHelloCount,
    confirmed: true,
    agentVersion: '0.0.0',
  }
  await session.send(frameBytes(FrameType.Hello, 0, encodeHello(hello, defaultLimits)))
  await session.answerPings()
  await whenLink(a, b, connected)
  session.destroy()
  await whenLink(a, b, ({ state }) => state === 'Disconnected')
  await link(a, b)
  expect(a.links.view(b.identity.fingerprint).direction).toBe('outbound')
})
