/** An agent that knows nobody yet, with a cluster of its own, in one process of the built CLI. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Secret } from '@porpulsion/kube'
import { endChild, forkUntilReady } from './child.ts'
import { clusterOf } from './cluster.ts'
import { eventually } from './eventually.ts'
import { freePort } from './free-port.ts'
import { launcher } from './launcher.ts'

export interface AgentProcess {
  /** The link for the very first person; it signs in once. */
  firstLogin(): Promise<string>
  /** Ends and forgets everything. */
  remove(): Promise<void>
}

/** Where peers reach it: directly, nowhere because it `dials`, or at another address that leads to this port. */
export type Reach = 'reachable' | 'dials' | { readonly selfUrl: string; readonly peerPort: number }

export async function startAgentProcess(
  name: string,
  reach: Reach,
  env: Readonly<Record<string, string>> = {},
): Promise<AgentProcess> {
  const dir = await mkdtemp(join(tmpdir(), 'porpulsion-e2e-'))
  const peerPort = typeof reach === 'object' ? reach.peerPort : await freePort()
  const selfUrl = typeof reach === 'object' ? reach.selfUrl : `http://127.0.0.1:${peerPort}`
  const args = [
    ...['agent', '--embedded', '--name', name, '--data-dir', dir],
    ...['--dashboard-port', '0', '--peer-port', String(peerPort)],
    ...(reach === 'dials' ? [] : ['--self-url', selfUrl]),
    ...['--log-level', 'warn'],
  ]
  const child = await forkUntilReady(launcher, args, {
    execArgv: [],
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return {
    firstLogin: () =>
      eventually('its Secret holds the login link', 20_000, () =>
        loginUrl(join(dir, 'kubeconfig')),
      ),
    async remove() {
      await endChild(child, 'SIGTERM')
      await rm(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Where an operator finds it who does not see the agent's terminal. */
async function loginUrl(kubeconfig: string): Promise<string> {
  const client = await clusterOf(kubeconfig)
  try {
    const { data } = await client.get(Secret, { namespace: 'porpulsion', name: 'porpulsion-admin' })
    return Buffer.from(data?.['login-url'] ?? '', 'base64').toString()
  } finally {
    await client.close()
  }
}
