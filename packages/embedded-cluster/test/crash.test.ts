import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { startEmbeddedCluster } from '../src/index.ts'
import { Kinds } from '../src/registry/kinds.ts'

const writer = fileURLToPath(new URL('support/writer-main.ts', import.meta.url))
/** Acknowledgements after which the process is killed: during the first writes, and well into them. */
const killPoints = [1, 40, 333, 1_500]

test('after SIGKILL every acknowledged write is there, and the version goes on', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'porpulsion-crash-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const acknowledged = new Map<string, string>()
  let newest = 0
  for (const [run, killPoint] of killPoints.entries()) {
    for (const line of await linesUntilKilled(dir, run, killPoint)) {
      const [name = '', state = ''] = line.split(' ')
      acknowledged.set(name, state)
    }
    const cluster = await startEmbeddedCluster({ dir, tls: false, workloads: false })
    const { registry } = cluster
    for (const [name, state] of acknowledged) {
      const found = registry.get(Kinds.ConfigMap, { namespace: 'default', name })
      expect(laterStates[state], `${name} was ${state}`).toContain(found?.data?.['state'] ?? 'gone')
    }
    expect(Number(registry.resourceVersion)).toBeGreaterThan(newest)
    newest = Number(registry.resourceVersion)
    await cluster.stop()
  }
  expect(acknowledged.size).toBeGreaterThan(300)
})

/** What was in hand at the kill may or may not have happened, so a state may have moved on, but never back. */
const laterStates: Readonly<Record<string, readonly string[]>> = {
  new: ['new', 'changed', 'gone'],
  changed: ['changed', 'gone'],
  gone: ['gone'],
}

async function linesUntilKilled(dir: string, run: number, killPoint: number): Promise<string[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', writer, dir, String(run)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const closed = once(child, 'close')
  let text = ''
  let count = 0
  for await (const chunk of child.stdout) {
    text += String(chunk)
    count = text.split('\n').length - 1
    if (count >= killPoint) child.kill('SIGKILL')
  }
  await closed
  expect(child.signalCode).toBe('SIGKILL')
  return text.split('\n').slice(0, -1)
}
