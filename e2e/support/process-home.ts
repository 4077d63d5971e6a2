/** An agent as a process of the built CLI, with a kubeconfig. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { AgentHome, AgentSettings } from './agent-home.ts'
import type { Cli } from './cli.ts'
import { endChild, forkUntilReady } from './child.ts'
import { freePort } from './free-port.ts'
import { launcher } from './launcher.ts'

export interface ProcessDeps {
  readonly cli: Cli
  /** Pods have addresses of this machine. */
  readonly podsReachable: boolean
}

export async function processHome(
  kubeconfig: string,
  { name, selfUrl }: AgentSettings,
  { cli, podsReachable }: ProcessDeps,
): Promise<AgentHome> {
  const ports = { dashboard: await freePort(), peer: await freePort() }
  let child: ChildProcess | undefined

  const start = async (logLevel: string): Promise<void> => {
    const args = [
      ...['agent', '--name', name, '--kubeconfig', kubeconfig, '--log-level', logLevel],
      ...['--dashboard-port', String(ports.dashboard), '--peer-port', String(ports.peer)],
      ...(podsReachable ? ['--pods-reachable'] : []),
      ...(selfUrl === undefined ? [] : ['--self-url', selfUrl]),
    ]
    const log = process.env['AGENT_LOGS'] === undefined ? 'ignore' : 'inherit'
    child = await forkUntilReady(launcher, args, {
      execArgv: [],
      stdio: ['ignore', log, log, 'ipc'],
    })
  }

  return {
    install: () => start('info'),
    async upgrade() {
      await endChild(child, 'SIGTERM')
      await start('debug')
    },
    async kill() {
      await endChild(child, 'SIGKILL')
      await start('info')
    },
    async uninstall() {
      await endChild(child, 'SIGTERM')
      await cli.out(['agent', 'retire', '--kubeconfig', kubeconfig])
    },
    dial: (port) => connected(connect(ports[port], '127.0.0.1')),
  }
}

async function connected(socket: Socket): Promise<Socket> {
  await once(socket, 'connect')
  return socket
}
