import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Secret } from '@porpulsion/kube'
import { expect, onTestFinished, test, vi } from 'vitest'
import { anApiServer } from '../test/support/api-server.ts'
import { freePort } from '../test/support/free-port.ts'
import { startAgent } from './agent.ts'

test('while the identity is waited for both ports answer, and once it can be read the agent is ready', async () => {
  const { mend, options, at } = await aClusterWithSpoiltIdentity()
  const starting = startAgent(options)
  await vi.waitFor(async () => expect(await at('/readyz')).toMatch(/porpulsion-identity/), waiting)

  expect(await at('/healthz')).toBe('200 {"status":"ok"}')
  expect(await at('/readyz')).toMatch(/^503 .*never making a second one/)
  expect(await at('/api/peers')).toMatch(/^503 .*"code":"AgentStarting"/)
  expect(await at('/healthz', options.peerPort)).toBe('200 {"status":"ok"}')
  expect(await at('/peer', options.peerPort, 'POST')).toMatch(/^503 .*"code":"AgentStarting"/)

  await mend()
  const agent = await starting
  onTestFinished(() => agent.stop())
  expect(await at('/readyz')).toMatch(/^200 /)
  expect(await at('/api/peers')).toMatch(/^401 /)
})

test('told to end while it starts, it ends and leaves its ports', async () => {
  const { options, at } = await aClusterWithSpoiltIdentity()
  const stop = new AbortController()
  const starting = startAgent(options, { signal: stop.signal })
  const ended = expect(starting).rejects.toMatchObject({ name: 'AbortError' })
  await vi.waitFor(async () => expect(await at('/readyz')).toMatch(/porpulsion-identity/), waiting)

  stop.abort()
  await ended
  await expect(at('/healthz')).rejects.toThrow('fetch failed')
  await expect(at('/healthz', options.peerPort)).rejects.toThrow('fetch failed')
})

const waiting = { timeout: 10_000, interval: 50 }

/** As after a damaged restore: the Secret is there, but no identity in it. */
async function aClusterWithSpoiltIdentity() {
  const { client, namespace, kubeconfig } = await anApiServer({ withDefinitions: false })
  const dir = await mkdtemp(join(tmpdir(), 'porpulsion-agent-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const identity = { name: 'porpulsion-identity', namespace }
  await client.create(Secret, { metadata: identity, data: {} })
  const file = join(dir, 'kubeconfig')
  await writeFile(file, kubeconfig)
  const options = {
    name: 'a',
    namespace,
    cluster: { kind: 'kubeconfig', file },
    dashboardPort: await freePort(),
    peerPort: await freePort(),
    logLevel: 'silent',
  } as const
  return {
    mend: () => client.delete(Secret, identity),
    options,
    at: async (
      path: string,
      port: number = options.dashboardPort,
      method = 'GET',
    ): Promise<string> => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method })
      return `${response.status} ${await response.text()}`
    },
  }
}
