/** A demo of its own with one app more: the pod that every path leads to. */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PEER_NAMESPACE_PREFIX } from '@porpulsion/contract'
import { Pod as PodKind } from '@porpulsion/kube'
import { clusterOf } from '../e2e/support/cluster.ts'
import { demoIn, type Demo } from '../e2e/support/demo.ts'
import { eventually } from '../e2e/support/eventually.ts'
import type { Pod } from './paths/path.ts'

export interface World {
  readonly demo: Demo
  readonly app: string
  readonly pod: Pod & { readonly namespace: string; readonly name: string }
}

const app = 'origin'
const port = 8080

export async function startWorld(): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'porpulsion-bench-'))
  const demo = demoIn(dir)
  try {
    await demo.up()
    await deployOrigin(demo)
    return { demo, app, pod: { ...(await podOf(demo)), port } }
  } catch (error) {
    // What went wrong first is the news.
    await demo.remove().catch(() => undefined)
    throw error
  }
}

/** The demo may run programs of this machine, named by a command on any of its images. */
async function deployOrigin(demo: Demo): Promise<void> {
  const program = join(import.meta.dirname, 'origin.ts')
  const command = [process.execPath, '--import', fileURLToPath(import.meta.resolve('tsx')), program]
  const flags = command.flatMap((part) => ['--command', part])
  const where = ['--peer', 'b', '--image', 'porpulsion/command', '--expose', String(port), '--wait']
  const args = ['app', 'deploy', app, ...where, ...flags, '--', String(port)]
  const { code, stderr } = await demo.cli(...args)
  if (code !== 0) throw new Error(`The pod to be measured could not be deployed: ${stderr}`)
}

async function podOf(demo: Demo): Promise<Omit<World['pod'], 'port'>> {
  const cluster = await clusterOf(demo.kubeconfig('b'))
  return await eventually('the pod has an address and listens', 20_000, async () => {
    const pods = (await cluster.list(PodKind)).items
    const found = pods.find(
      ({ metadata }) =>
        metadata.namespace?.startsWith(PEER_NAMESPACE_PREFIX) === true &&
        metadata.name.startsWith(app),
    )
    const { namespace, name } = found?.metadata ?? {}
    const address = found?.status?.podIP
    if (address === undefined || namespace === undefined || name === undefined) {
      throw new Error('The demo runs no such pod at b')
    }
    await fetch(`http://${address}:${port}/bytes/1`)
    return { address, namespace, name }
  })
}
