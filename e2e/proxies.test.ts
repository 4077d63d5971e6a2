/** The examples of docs/operations.md, word for word, in real proxies: what they let through, and for how long. */
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Peer } from '@porpulsion/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startAgentProcess } from './support/agent-process.ts'
import { Cli } from './support/cli.ts'
import { eventually } from './support/eventually.ts'
import { fetchFrom } from './support/fetch-app.ts'
import { freePort } from './support/free-port.ts'
import { findFront, startFront, type Front, type FrontKind } from './support/front.ts'
import { makePrivateCa, type PrivateCa } from './support/private-ca.ts'

/** More than the 10 s between pings; a link without them would not live longer. */
const IDLE_SECONDS = 12

const kinds: readonly FrontKind[] = ['nginx', 'haproxy']
const programs = new Map(kinds.map((kind) => [kind, findFront(kind)]))
const present = kinds.filter((kind) => programs.get(kind) !== undefined)

/** The agent behind a proxy, under the proxy's name. */
interface Behind {
  readonly cli: Cli
  readonly front: Front
  readonly outerPort: number
}

let dir: string
let ca: PrivateCa
/** Reaches the others through their proxies, and nobody reaches it. */
let home: Cli
const behind = new Map<FrontKind, Behind>()
const closing: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  if (present.length === 0) return
  dir = await mkdtemp(join(tmpdir(), 'porpulsion-e2e-'))
  closing.push(() => rm(dir, { recursive: true, force: true }))
  ca = await makePrivateCa(dir)
  home = await agentOf('home', 'dials', { NODE_EXTRA_CA_CERTS: ca.caFile })
  await Promise.all(present.map(openBehind))
})
afterAll(async () => {
  for (const close of closing.reverse()) await close()
})

async function agentOf(name: string, ...args: OmitFirst<typeof startAgentProcess>): Promise<Cli> {
  const agent = await startAgentProcess(name, ...args)
  closing.push(() => agent.remove())
  const cli = new Cli(join(dir, `${name}.yaml`), name)
  await cli.out(['login', await agent.firstLogin(), '--as', name])
  return cli
}
type OmitFirst<F> = F extends (first: string, ...rest: infer R) => unknown ? R : never

async function openBehind(kind: FrontKind): Promise<void> {
  const [outer, agent] = [await freePort(), await freePort()]
  const selfUrl = `https://127.0.0.1:${outer}`
  const cli = await agentOf(kind, { selfUrl, peerPort: agent })
  const options = { ports: { outer, agent }, ca, dir, idleSeconds: IDLE_SECONDS }
  const front = await startFront(kind, programs.get(kind) ?? kind, options)
  closing.push(() => front.stop())
  await eventually(`${kind} serves`, 10_000, () => statusAt(outer, '/')).catch((error: unknown) => {
    throw new Error(`${kind} said: ${front.log()}`, { cause: error })
  })
  behind.set(kind, { cli, front, outerPort: outer })
}

function the(kind: FrontKind): Behind {
  const found = behind.get(kind)
  if (found === undefined) throw new Error(`Nothing is behind ${kind}`)
  return found
}

function statusAt(port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    // Whose certificate it is matters where an agent dials, and is not the subject here.
    const options = { host: '127.0.0.1', port, path, rejectUnauthorized: false, agent: false }
    request(options, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
}

const linkTo = async (kind: FrontKind): Promise<Peer['status']> =>
  ((await home.json(['peer', 'show', kind])) as Peer).status // validated by the client

const connected = (kind: FrontKind): Promise<Peer['status']> =>
  eventually(`home is connected through ${kind}`, 30_000, async () => {
    const status = await linkTo(kind)
    expect(status).toMatchObject({ link: 'Connected' })
    return status
  })

const pageOf = (app: string): ReturnType<typeof fetchFrom> =>
  fetchFrom({ cli: (...args) => home.out(args) }, app, '/')

const skipped = (kind: FrontKind): string =>
  programs.get(kind) === undefined ? ' (skipped: it is not installed)' : ''

for (const kind of kinds)
  describe.skipIf(programs.get(kind) === undefined)(`${kind}${skipped(kind)}`, () => {
    test('lets peers in, with a certificate of a private authority', async () => {
      const { cli } = the(kind)
      const invite = await cli.out(['invite', 'create'])
      await home.out(['peer', 'add', '-', '--as', kind], invite)
      await home.out(['peer', 'confirm', kind, '--yes'])
      await cli.out(['peer', 'confirm', 'home', '--yes'])
      await connected(kind)
    })

    test('passes pages and logs of an app', async () => {
      const deploy = ['app', 'deploy', `on-${kind}`, '--peer', kind, '--wait', '--port', '8080']
      await home.out([...deploy, '--image', 'porpulsion/hello'])
      const page = await pageOf(`on-${kind}`)
      expect(page).toMatchObject({ status: 200 })
      expect(await home.out(['app', 'logs', `on-${kind}`])).not.toBe('')
    })

    test('passes nothing else', async () => {
      const { outerPort } = the(kind)
      for (const path of ['/', '/healthz', '/metrics', '/api/status', '/peer/', '/wsx'])
        expect([path, await statusAt(outerPort, path)]).toEqual([path, 404])
    })
  })

describe.skipIf(present.length === 0)('all of them', () => {
  test('leave a link alone on which nothing but pings moves', async () => {
    const before = await Promise.all(present.map(connected))
    await wait((IDLE_SECONDS + 1) * 1_000) // The proxies' clocks are not ours to set.
    expect(await Promise.all(present.map(linkTo))).toEqual(
      before.map((status) => expect.objectContaining({ since: status?.since }) as unknown),
    )
  })

  test.each(present)('%s is reloaded, and no app is lost', async (kind) => {
    const { front } = the(kind)
    front.reload()
    await wait(500)
    await connected(kind)
    expect(await pageOf(`on-${kind}`)).toMatchObject({ status: 200 })
    expect(await home.json(['app', 'get', `on-${kind}`])).toMatchObject({
      status: { phase: 'Ready' },
    })
  })
})
