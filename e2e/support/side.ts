/** One of the two clusters, as its operator has it: the CLI signed in to its agent, and kubectl. */
import type { ChildProcess } from 'node:child_process'
import { API_GROUP, type Peer, type RemoteApp } from '@porpulsion/contract'
import { agentNamespace, type AgentHome } from './agent-home.ts'
import type { Cli, CliResult } from './cli.ts'
import { eventually } from './eventually.ts'
import type { Kubectl, Outcome } from './kubectl.ts'
import type { TcpDoor } from './tcp-door.ts'

export interface SideDeps {
  readonly name: 'a' | 'b'
  readonly home: AgentHome
  readonly cli: Cli
  readonly kubectl: Kubectl
  /** Its page and API. */
  readonly dashboard: TcpDoor
}

export class Side {
  readonly name: 'a' | 'b'
  readonly agent: AgentHome
  readonly kubectl: Kubectl
  readonly #cli: Cli
  readonly #dashboard: TcpDoor

  constructor({ name, home, cli, kubectl, dashboard }: SideDeps) {
    this.name = name
    this.agent = home
    this.kubectl = kubectl
    this.#cli = cli
    this.#dashboard = dashboard
  }

  /** With the one-time link that a new agent leaves in its cluster. */
  async signIn(): Promise<void> {
    const code = await eventually(`agent ${this.name} left a login link`, 30_000, async () => {
      const found = await this.kube('get secret porpulsion-admin -o jsonpath={.data.login-url}')
      return new URL(Buffer.from(found, 'base64').toString()).searchParams.get('code') ?? ''
    })
    const url = `http://127.0.0.1:${this.#dashboard.port}/login?code=${code}`
    await this.#cli.out(['login', url, '--as', this.name])
  }

  /** `porpulsion …`, which must succeed; what it printed. */
  cli(...args: string[]): Promise<string> {
    return this.#cli.out(args)
  }

  cliWith(stdin: string, ...args: string[]): Promise<string> {
    return this.#cli.out(args, stdin)
  }

  tryCli(...args: string[]): Promise<CliResult> {
    return this.#cli.run(args)
  }

  tryCliWith(stdin: string, ...args: string[]): Promise<CliResult> {
    return this.#cli.run(args, stdin)
  }

  startCli(...args: string[]): ChildProcess {
    return this.#cli.start(args)
  }

  /** `kubectl …` in the agent's namespace, which must succeed; what it printed. */
  kube(args: string, stdin?: string): Promise<string> {
    return this.kubeIn(agentNamespace, args, stdin)
  }

  kubeIn(namespace: string, args: string, stdin?: string): Promise<string> {
    const list = ['--namespace', namespace, ...args.split(' ')]
    return this.kubectl.out(list, { timeoutMs: 150_000, ...(stdin !== undefined && { stdin }) })
  }

  tryKube(args: string, stdin?: string): Promise<Outcome> {
    const list = ['--namespace', agentNamespace, ...args.split(' ')]
    return this.kubectl.run(list, { timeoutMs: 150_000, ...(stdin !== undefined && { stdin }) })
  }

  async peer(name: string): Promise<Peer> {
    return (await this.#cli.json(['peer', 'show', name])) as Peer // validated by the client
  }

  async app(name: string): Promise<RemoteApp> {
    return (await this.#cli.json(['app', 'get', name])) as RemoteApp // validated by the client
  }

  /** The same as the cluster has it: also while no agent answers. */
  async stored(name: string): Promise<RemoteApp> {
    const text = await this.kube(`get remoteapps.${API_GROUP} ${name} -o json`)
    return JSON.parse(text) as RemoteApp // of the schema that its definition holds it to
  }
}
