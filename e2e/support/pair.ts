/** Two clusters with an agent each that are peers, through doors that can fail. All of it processes of the built CLI. */
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { request, type Agent, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { GROUP_VERSION, type Peer, type RemoteApp } from '@porpulsion/contract'
import { Secret } from '@porpulsion/kube'
import { expect } from 'vitest'
import { clusterOf, Peers } from './cluster.ts'
import { endChild, forkUntilReady } from './child.ts'
import { Cli } from './cli.ts'
import { collectGarbage } from './collect-garbage.ts'
import { eventually } from './eventually.ts'
import { openFaultProxy, type FaultProxy } from './fault-proxy.ts'
import { freePort } from './free-port.ts'
import { launcher } from './launcher.ts'

export interface PairChoices {
  /** Who can be dialled, through a door; who cannot, dials. Default: both. */
  readonly dialable?: readonly ('a' | 'b')[]
  /** Of the agents. */
  readonly env?: Readonly<Record<string, string>>
}

export interface Pair {
  readonly a: Member
  readonly b: Member
  close(): Promise<void>
}

/** Peers that are connected and have confirmed each other. */
export async function openPair({
  dialable = ['a', 'b'],
  env = {},
}: PairChoices = {}): Promise<Pair> {
  const dir = await mkdtemp(join(tmpdir(), 'porpulsion-soak-'))
  const members: Member[] = []
  const close = async (): Promise<void> => {
    await Promise.all(members.map((member) => member.close()))
    await rm(dir, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    const [a, b] = await Promise.all(
      (['a', 'b'] as const).map(async (name) => {
        const member = new Member(name, dir, { env, isDialable: dialable.includes(name) })
        members.push(member)
        await member.open()
        return member
      }),
    )
    if (a === undefined || b === undefined) throw new Error('There are two')
    await introduce(a, b)
    return { a, b, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** One side alone. */
export async function openMember(
  name: 'a' | 'b',
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly member: Member; close(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'porpulsion-soak-'))
  const member = new Member(name, dir, { env, isDialable: true })
  const close = async (): Promise<void> => {
    await member.close()
    await rm(dir, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    await member.open()
    return { member, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Who can be dialled invites. */
async function introduce(a: Member, b: Member): Promise<void> {
  const [inviter, guest] = a.door === undefined ? [b, a] : [a, b]
  await guest.cli.out(['peer', 'add', '-'], await inviter.cli.out(['invite', 'create']))
  await guest.cli.out(['peer', 'confirm', inviter.name, '--yes'])
  await inviter.cli.out(['peer', 'confirm', guest.name, '--yes'])
  await linked(a, b)
}

/** Resolves when both sides say so, with the milliseconds it took. */
export async function linked(a: Member, b: Member, timeoutMs = 60_000): Promise<number> {
  const started = performance.now()
  await eventually(`${a.name} and ${b.name} are linked`, timeoutMs, async () => {
    const links = await Promise.all([a.link(b), b.link(a)])
    expect(links.map((status) => status?.link)).toEqual(['Connected', 'Connected'])
  })
  return Math.round(performance.now() - started)
}

export interface Usage {
  readonly rssMiB: number
  readonly sockets: number
  readonly handles: number
}

interface MemberOptions {
  readonly env: Readonly<Record<string, string>>
  readonly isDialable: boolean
}

/** What a process may say before it is too much to keep. */
const MAX_LOG_LINES = 100_000

export class Member {
  readonly name: 'a' | 'b'
  readonly cli: Cli
  /** What it logged since it was first started. */
  readonly log: string[] = []
  readonly #dir: string
  readonly #options: MemberOptions
  #cluster: ChildProcess | undefined
  #agent: ChildProcess | undefined
  #door: FaultProxy | undefined
  #ports = { dashboard: 0, peer: 0 }
  #token = ''

  constructor(name: 'a' | 'b', dir: string, options: MemberOptions) {
    this.name = name
    this.#dir = dir
    this.#options = options
    this.cli = new Cli(join(dir, 'config.yaml'), name)
  }

  /** Between peers and its peer-facing port. */
  get door(): FaultProxy | undefined {
    return this.#door
  }

  async open(): Promise<void> {
    const { name } = this
    this.#ports = { dashboard: await freePort(), peer: await freePort() }
    if (this.#options.isDialable)
      this.#door = await openFaultProxy({
        dial: async () => {
          const socket = connect(this.#ports.peer, '127.0.0.1')
          await once(socket, 'connect')
          return socket
        },
      })
    this.#cluster = await forkUntilReady(
      launcher,
      [
        ...['cluster', '--name', name, '--port', '0', '--data-dir', join(this.#dir, name)],
        ...['--kubeconfig', this.#file('kubeconfig'), '--allow-host-processes'],
      ],
      { execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] },
    )
    await this.start()
    this.#token = (await readFile(this.#file('token'), 'utf8')).trim()
    const url = `http://127.0.0.1:${this.#ports.dashboard}`
    await this.cli.out(['login', url, '--as', name], this.#token)
  }

  async start(): Promise<void> {
    const args = [
      ...['agent', '--name', this.name, '--kubeconfig', this.#file('kubeconfig')],
      ...['--dashboard-port', String(this.#ports.dashboard)],
      ...['--peer-port', String(this.#ports.peer)],
      ...['--admin-token-file', this.#file('token'), '--pods-reachable'],
      ...(this.#door === undefined ? [] : ['--self-url', `http://127.0.0.1:${this.#door.port}`]),
    ]
    this.#agent = await forkUntilReady(
      launcher,
      args,
      {
        // As the image has them, and so that garbage can be told from what is in use.
        execArgv: ['--max-semi-space-size=4', '--no-parallel-scavenge', '--inspect=127.0.0.1:0'],
        env: { ...process.env, ...this.#options.env },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      },
      (child) => this.#listen(child),
    )
  }

  get pid(): number {
    const pid = this.#agent?.pid
    if (pid === undefined) throw new Error(`Agent ${this.name} does not run`)
    return pid
  }

  /** Stops it where it is: it keeps its connections, and says nothing. */
  freeze(): void {
    process.kill(this.pid, 'SIGSTOP')
  }

  thaw(): void {
    process.kill(this.pid, 'SIGCONT')
  }

  async kill(): Promise<void> {
    await endChild(this.#agent, 'SIGKILL')
  }

  /** With good order. Its exit code, and how long it took. */
  async terminate(): Promise<{ readonly code: number | null; readonly ms: number }> {
    const started = performance.now()
    await endChild(this.#agent, 'SIGTERM')
    return { code: this.#agent?.exitCode ?? null, ms: Math.round(performance.now() - started) }
  }

  /** Past its door. */
  get peerUrl(): string {
    return `http://127.0.0.1:${this.#ports.peer}`
  }

  /** By which peers know it, in PEM. */
  async caCertificate(): Promise<string> {
    const client = await clusterOf(this.#file('kubeconfig'))
    try {
      const { data } = await client.get(Secret, {
        namespace: 'porpulsion',
        name: 'porpulsion-identity',
      })
      return Buffer.from(data?.['ca.crt'] ?? '', 'base64').toString()
    } finally {
      await client.close()
    }
  }

  /** As from Git: known by their certificates and confirmed; they dial. */
  async declarePeers(certificates: readonly string[]): Promise<void> {
    const client = await clusterOf(this.#file('kubeconfig'))
    try {
      for (const [i, caCertificate] of certificates.entries())
        await client.create(Peers, {
          apiVersion: GROUP_VERSION,
          kind: 'Peer',
          metadata: { name: `sim-${i}`, namespace: 'porpulsion' },
          spec: { caCertificate, confirmed: true },
        })
    } finally {
      await client.close()
    }
  }

  async link(to: Member): Promise<Peer['status']> {
    return ((await this.api('GET', `/api/peer/${to.name}`)) as Peer).status // validated by the agent
  }

  async app(name: string): Promise<RemoteApp> {
    return (await this.api('GET', `/api/remoteapp/${name}`)) as RemoteApp // validated by the agent
  }

  async api(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.call(method, path, {
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const said = await text(answer)
    if ((answer.statusCode ?? 0) >= 300) throw new Error(`${answer.statusCode}: ${said}`)
    return said === '' ? undefined : (JSON.parse(said) as unknown)
  }

  /** An app of this side, through the tunnel. */
  openApp(
    app: string,
    path: string,
    options: { readonly agent?: Agent } = {},
  ): Promise<IncomingMessage> {
    return this.call('GET', `/api/remoteapp/${app}/proxy/8080${path}`, options)
  }

  /** As its operator. The answer while it comes. */
  call(
    method: string,
    path: string,
    { body, agent }: { readonly body?: string; readonly agent?: Agent } = {},
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const call = request(
        {
          host: '127.0.0.1',
          port: this.#ports.dashboard,
          path,
          method,
          headers: {
            authorization: `Bearer ${this.#token}`,
            ...(body !== undefined && { 'content-type': 'application/json' }),
          },
          ...(agent !== undefined && { agent }),
        },
        resolve,
      )
      call.on('error', reject)
      call.end(body)
    })
  }

  async usage(): Promise<Usage> {
    const proc = `/proc/${this.pid}`
    const status = await readFile(`${proc}/status`, 'utf8')
    const files = await readdir(`${proc}/fd`)
    const targets = await Promise.all(
      files.map((file) => readlink(`${proc}/fd/${file}`).catch(() => '')),
    )
    return {
      rssMiB: Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024),
      sockets: targets.filter((target) => target.startsWith('socket:')).length,
      handles: targets.filter((target) => target !== '').length,
    }
  }

  /** Of what is in use: V8 lets garbage lie until the heap is three times as large. */
  async usageWithoutGarbage(): Promise<Usage> {
    const listening = this.log.findLast((line) => line.startsWith('Debugger listening on '))
    await collectGarbage(listening?.split(' ').at(-1) ?? '')
    return await this.usage()
  }

  async close(): Promise<void> {
    // One that is frozen hears of nothing else.
    if (this.#agent?.exitCode === null && this.#agent.signalCode === null) this.thaw()
    await endChild(this.#agent, 'SIGKILL')
    await endChild(this.#cluster, 'SIGTERM')
    await this.#door?.close()
  }

  #listen(child: ChildProcess): void {
    for (const stream of [child.stdout, child.stderr])
      if (stream !== null)
        createInterface(stream).on('line', (line) => {
          if (this.log.length < MAX_LOG_LINES) this.log.push(line)
        })
  }

  #file(kind: string): string {
    return join(this.#dir, `${this.name}.${kind}`)
  }
}
