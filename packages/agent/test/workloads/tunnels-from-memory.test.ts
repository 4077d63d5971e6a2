/** What a tunnel asks workloads is answered from what was watched: requests to apps are none to API servers. */
import { expect, test, vi } from 'vitest'
import { isReady, twoClusters } from './two-clusters.ts'

test('a hundred requests to an app, each on a connection of its own, ask neither API server', async () => {
  const { a, b } = await twoClusters()
  await a.apply({ ports: [{ port: 8080 }] })
  await a.until(isReady)
  const signal = AbortSignal.timeout(30_000)
  const spies = (['get', 'list', 'create', 'apply', 'update', 'patch', 'delete'] as const).flatMap(
    (method) => [a, b].map(({ client }) => vi.spyOn(client, method)),
  )
  for (let i = 0; i < 100; i++) {
    const { uid } = a.workloads.appResolver.resolve('web')
    const { fingerprint } = a.end.self
    expect(b.workloads.appTargets.find(fingerprint, uid)).toMatchObject({ name: 'web' })
    const connection = await b.workloads.appTargets.dial(fingerprint, uid, 8080, signal)
    connection.destroy()
  }
  // What agents do of themselves, such as to write a status that was due, is not ours to count.
  const calls = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0)
  expect(calls).toBeLessThan(10)
})
