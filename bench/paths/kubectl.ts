import { spawn } from 'node:child_process'
import type { Demo } from '../../e2e/support/demo.ts'
import { freePort } from '../../e2e/support/free-port.ts'
import { locateTool } from '../../e2e/support/locate-tool.ts'
import { childPath } from './child-path.ts'
import { LeftOut, type Path, type Pod } from './path.ts'

/** The real kubectl, through the API server of the host's cluster: in a demo that is the embedded one. */
export async function kubectlPath(
  demo: Demo,
  pod: Pod & { readonly namespace: string; readonly name: string },
): Promise<Path> {
  const kubectl = locateTool('kubectl')
  if (kubectl.kind === 'missing') throw new LeftOut(kubectl.reason)
  const port = await freePort()
  const args = ['port-forward', '-n', pod.namespace, `pod/${pod.name}`, `${port}:${pod.port}`]
  const child = spawn(kubectl.path, args, {
    env: { ...process.env, KUBECONFIG: demo.kubeconfig('b') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { clusterB } = await demo.pids()
  return await childPath('kubectl-port-forward', child, port, (pid) => [pid, clusterB])
}
