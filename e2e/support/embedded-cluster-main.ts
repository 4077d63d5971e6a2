/** An embedded cluster as a process of its own, from source: `DIR PORT`. Tells its parent when it is ready. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startEmbeddedCluster } from '@porpulsion/embedded-cluster'

const [dir = '', port = '0'] = process.argv.slice(2)
const cluster = await startEmbeddedCluster({
  dir,
  port: Number(port),
  name: 'e2e',
  runtime: { restartBackoff: { baseMs: 50, maxMs: 500 }, podsAtStop: 'kill' },
})
await writeFile(join(dir, 'kubeconfig'), cluster.kubeconfig())
process.once('SIGTERM', () => void cluster.stop().then(() => process.exit(0)))
process.send?.('ready')
