/** A process that writes objects as fast as it can and names each one once it is acknowledged; killed by crash.test.ts. */
import { writeSync } from 'node:fs'
import { Kinds } from '../../src/registry/kinds.ts'
import { startEmbeddedCluster } from '../../src/index.ts'

const [dir = '', run = ''] = process.argv.slice(2)
const cluster = await startEmbeddedCluster({ dir, tls: false, workloads: false })
const { registry } = cluster
const parallel = 8

await Promise.all(Array.from({ length: parallel }, (_, lane) => write(lane)))

async function write(lane: number): Promise<void> {
  for (let turn = 0; ; turn += 1) {
    const name = `run${run}-lane${lane}-${turn}`
    const key = { namespace: 'default', name }
    await registry.create(Kinds.ConfigMap, { metadata: key, data: { state: 'new' } })
    acknowledge(`${name} new`)
    await registry.modify(Kinds.ConfigMap, key, (draft) => {
      draft.data = { state: 'changed', filler: 'x'.repeat(turn % 2_000) }
    })
    acknowledge(`${name} changed`)
    if (turn % 3 === 0) {
      await registry.delete(Kinds.ConfigMap, key)
      acknowledge(`${name} gone`)
    }
  }
}

/** Synchronously: what is printed must not outlive the truth of it by a buffer. */
function acknowledge(line: string): void {
  let rest = Buffer.from(`${line}\n`)
  while (rest.length > 0) rest = rest.subarray(written(rest))
}

/** A reader that is behind makes the pipe full, which a pipe that does not block says with an error. */
function written(bytes: Buffer): number {
  try {
    return writeSync(1, bytes)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0
    throw error
  }
}
