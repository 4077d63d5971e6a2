/**
 * Two clusters with an agent each, not yet peers: embedded clusters where nothing else is named, real ones otherwise.
 * See `make e2e` for what the environment may say.
 */
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Duplex } from 'node:stream'
import type { AgentHome, AgentSettings } from './agent-home.ts'
import { endChild, forkUntilReady } from './child.ts'
import { Cli } from './cli.ts'
import { Helm } from './helm.ts'
import { Kubectl } from './kubectl.ts'
import { launcher } from './launcher.ts'
import { locateTool } from './locate-tool.ts'
import { processHome } from './process-home.ts'
import { releaseHome } from './release-home.ts'
import { remains, removeRemains } from './remains.ts'
import { Side } from './side.ts'
import { openTcpDoor, type TcpDoor } from './tcp-door.ts'

export interface World {
  readonly a: Side
  readonly b: Side
  /** The one way from b to a: a reaches b by no other. */
  readonly link: Pick<TcpDoor, 'cut' | 'mend'>
  close(): Promise<void>
}

/**
 * `embedded`: clusters and agents are processes. `processes`: real clusters, agents are processes here. `releases`: real
 * clusters, agents are releases of the chart.
 */
export type WorldKind = 'embedded' | 'processes' | 'releases'

const environment = process.env
const given = (name: string): string | undefined =>
  environment[name] === '' ? undefined : environment[name]

export const worldKind: WorldKind =
  given('KUBECONFIG_A') === undefined
    ? 'embedded'
    : given('OUT_OF_CLUSTER') === undefined
      ? 'releases'
      : 'processes'

export const images = {
  hello: given('IMAGE_HELLO') ?? 'porpulsion/hello',
  ticker: given('IMAGE_TICKER') ?? 'porpulsion/ticker',
} as const

/** Under which pods find this machine, and the link with it. */
const hostAddress = given('HOST_ADDRESS') ?? '127.0.0.1'

export async function openWorld(kubectlPath: string): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'porpulsion-e2e-'))
  const closing: (() => Promise<unknown>)[] = [
    () => rm(dir, { recursive: true, force: true, maxRetries: 5 }),
  ]
  const close = async (): Promise<void> => {
    for (const step of closing.splice(0).reverse()) await step()
  }
  const opened = async (dial: () => Promise<Duplex>, host: string): Promise<TcpDoor> => {
    const door = await openTcpDoor(dial, host)
    closing.push(() => door.close())
    return door
  }
  const sideOf = async (name: 'a' | 'b', selfUrl?: string): Promise<Side> => {
    const kubeconfig = await clusterFor(name)
    const kubectl = new Kubectl(kubectlPath, kubeconfig)
    const cli = new Cli(join(dir, 'config.yaml'), name)
    const home = await homeOf({ name, ...(selfUrl && { selfUrl }) }, { kubeconfig, kubectl, cli })
    const dashboard = await opened(() => home.dial('dashboard'), '127.0.0.1')
    return new Side({ name, home, cli, kubectl, dashboard })
  }
  const clusterFor = async (name: 'a' | 'b'): Promise<string> => {
    const own = given(`KUBECONFIG_${name.toUpperCase()}`)
    if (own !== undefined) return resolve(own)
    const kubeconfig = join(dir, `${name}.kubeconfig`)
    const cluster = await startCluster(name, join(dir, name), kubeconfig)
    closing.push(() => endChild(cluster, 'SIGTERM'))
    return kubeconfig
  }
  try {
    const sides: { a?: Side } = {}
    const behindLink = (): Promise<Duplex> =>
      sides.a?.agent.dial('peer') ?? Promise.reject(new Error('not yet'))
    const link = await opened(behindLink, hostAddress === '127.0.0.1' ? hostAddress : '0.0.0.0')
    const a = await sideOf('a', `http://${hostAddress}:${link.port}`)
    sides.a = a
    const b = await sideOf('b')
    for (const side of [a, b]) await refuseUsed(side)
    await Promise.all(
      [a, b].map(async (side) => {
        await side.agent.install()
        closing.push(() => leave(side))
      }),
    )
    for (const side of [a, b]) await side.signIn()
    return { a, b, link, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Whoever tries this in a cluster that is in use must not lose what is there at the end. */
async function refuseUsed(side: Side): Promise<void> {
  const found = (await remains(side)).join(', ')
  if (found !== '')
    throw new Error(`Cluster ${side.name} is in use: it has ${found}. This would delete all of it`)
}

/** Also in the middle of a story that failed. */
async function leave(side: Side): Promise<void> {
  try {
    if ((await remains(side)).length === 0) return
    await side.agent.uninstall()
    if (worldKind !== 'embedded') await removeRemains(side)
  } catch (error) {
    process.stderr.write(`Cluster ${side.name} is not as it was: ${String(error)}\n`)
  }
}

interface Tools {
  readonly kubeconfig: string
  readonly kubectl: Kubectl
  readonly cli: Cli
}

function homeOf(settings: AgentSettings, { kubeconfig, kubectl, cli }: Tools): Promise<AgentHome> {
  if (worldKind !== 'releases')
    return processHome(kubeconfig, settings, { cli, podsReachable: worldKind === 'embedded' })
  const located = locateTool('helm')
  if (located.kind === 'missing') throw new Error(located.reason)
  const helm = new Helm(located.path, kubeconfig)
  return releaseHome({ helm, kubectl, kubeconfig }, settings, given('IMAGE') ?? '')
}

const startCluster = (name: string, dir: string, kubeconfig: string): Promise<ChildProcess> =>
  forkUntilReady(
    launcher,
    ['cluster', '--name', name, '--data-dir', dir, '--port', '0', '--kubeconfig', kubeconfig],
    { execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] },
  )
