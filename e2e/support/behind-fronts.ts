/** Agents behind proxies of the distribution, with the examples of docs/operations.md, and one at home that dials them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Peer } from '@porpulsion/contract'
import { expect } from 'vitest'
import { startAgentProcess, type Reach } from './agent-process.ts'
import { Cli } from './cli.ts'
import { eventually } from './eventually.ts'
import { freePort } from './free-port.ts'
import { findFront, startFront, type Front, type FrontKind, type FrontOptions } from './front.ts'
import { makePrivateCa } from './private-ca.ts'

/** A proxy to put in front of an agent of this name. */
export interface WantedFront {
  readonly name: string
  readonly kind: FrontKind
  readonly idleSeconds: number
}

export interface BehindFront {
  readonly cli: Cli
  readonly outerPort: number
  reload(): void
  /** Ends the proxy and starts one with another configuration in its place: every connection is lost. */
  replace(change: FrontOptions['change']): Promise<void>
}

export interface BehindFronts {
  /** Reaches the others through their proxies, and nobody reaches it. */
  readonly home: Cli
  the(name: string): BehindFront
  /** An invite, and both sides confirm. */
  peer(name: string): Promise<void>
  linkTo(name: string): Promise<Peer['status']>
  connected(name: string): Promise<Peer['status']>
  close(): Promise<void>
}

export async function openBehindFronts(wanted: readonly WantedFront[]): Promise<BehindFronts> {
  const closing: (() => Promise<unknown>)[] = []
  const dir = await mkdtemp(join(tmpdir(), 'porpulsion-e2e-'))
  closing.push(() => rm(dir, { recursive: true, force: true }))
  const ca = await makePrivateCa(dir)

  async function agentOf(name: string, reach: Reach, env?: Record<string, string>): Promise<Cli> {
    const agent = await startAgentProcess(name, reach, env)
    closing.push(() => agent.remove())
    const cli = new Cli(join(dir, `${name}.yaml`), name)
    await cli.out(['login', await agent.firstLogin(), '--as', name])
    return cli
  }

  async function openBehind({ name, kind, idleSeconds }: WantedFront): Promise<BehindFront> {
    const [outer, agent] = [await freePort(), await freePort()]
    const selfUrl = `https://127.0.0.1:${outer}`
    const cli = await agentOf(name, { selfUrl, peerPort: agent })
    const options = { ports: { outer, agent }, ca, dir, idleSeconds }
    const start = async (change?: FrontOptions['change']): Promise<Front> => {
      const started = await startFront(kind, findFront(kind) ?? kind, {
        ...options,
        ...(change !== undefined && { change }),
      })
      await eventually(`${name} serves`, 10_000, () => statusAt(outer, '/')).catch(
        (error: unknown) => {
          throw new Error(`${kind} said: ${started.log()}`, { cause: error })
        },
      )
      return started
    }
    let front = await start()
    closing.push(() => front.stop())
    return {
      cli,
      outerPort: outer,
      reload: () => front.reload(),
      async replace(change) {
        await front.stop()
        front = await start(change)
      },
    }
  }

  const home = await agentOf('home', 'dials', { NODE_EXTRA_CA_CERTS: ca.caFile })
  const behind = new Map(
    await Promise.all(wanted.map(async (one) => [one.name, await openBehind(one)] as const)),
  )
  const the = (name: string): BehindFront => {
    const found = behind.get(name)
    if (found === undefined) throw new Error(`Nothing is behind ${name}`)
    return found
  }
  const linkTo = async (name: string): Promise<Peer['status']> =>
    ((await home.json(['peer', 'show', name])) as Peer).status // validated by the client
  const connected = (name: string): Promise<Peer['status']> =>
    eventually(`home is connected through ${name}`, 40_000, async () => {
      const status = await linkTo(name)
      expect(status).toMatchObject({ link: 'Connected' })
      return status
    })
  return {
    home,
    the,
    linkTo,
    connected,
    async peer(name) {
      const { cli } = the(name)
      const invite = await cli.out(['invite', 'create'])
      await home.out(['peer', 'add', '-', '--as', name], invite)
      await home.out(['peer', 'confirm', name, '--yes'])
      await cli.out(['peer', 'confirm', 'home', '--yes'])
      await connected(name)
    },
    async close() {
      for (const close of closing.reverse()) await close()
    },
  }
}

/** What the proxy answers there. Whose certificate it is matters where an agent dials, and is not the subject here. */
export function statusAt(port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, rejectUnauthorized: false, agent: false }
    request(options, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
}
