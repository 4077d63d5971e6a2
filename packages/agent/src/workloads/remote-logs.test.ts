import { PorpulsionError, type LogLine } from '@porpulsion/contract'
import { FakeClock } from '@porpulsion/kube/testing'
import { expect, test } from 'vitest'
import { streamRemoteLogs, type RemoteLogsDeps } from './remote-logs.ts'

/** The link is up, but the host cannot ask its own cluster: every answer begins and breaks off. */
function aHostWithoutCluster() {
  const clock = new FakeClock()
  let asked = 0
  /** Breaks off before its first line. */
  async function* nothing(): AsyncGenerator<LogLine> {
    await Promise.resolve()
    throw new PorpulsionError('Unavailable', 'ClusterUnavailable', 'The API server is away')
  }
  const deps = {
    clock,
    links: { stream: () => ((asked += 1), Promise.resolve(nothing())) },
    linkWatch: { now: () => ({ kind: 'up' }), onChange: () => () => undefined },
  } as unknown as RemoteLogsDeps // what streamRemoteLogs uses of them
  return { clock, deps, asked: () => asked }
}

const source = { peerFingerprint: 'f'.repeat(64), uid: 'u' }

test('a host that has no answer is asked once a second, and a reader that does not follow is told in the end', async () => {
  const { clock, deps, asked } = aHostWithoutCluster()
  const { signal } = new AbortController()
  const lines = await streamRemoteLogs(deps, source, { tail: 2 }, signal)
  const read = lines[Symbol.asyncIterator]().next()
  const failure = expect(read).rejects.toMatchObject({ code: 'ClusterUnavailable' })
  await clock.whenWaiting(1_000)
  await clock.advance(60_000)
  await failure
  expect(asked()).toBeLessThanOrEqual(61)
})
