/**
 * Pictures of every page in both themes, into docs/images: `npm run screenshots`. A scene of real agents is made for it,
 * and goes afterwards.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  createdApp,
  endpoints,
  type BodyOf,
  type Endpoint,
  type ResponseOf,
} from '@porpulsion/contract'
import type { Browser, Page } from 'playwright-core'
import { startAgentProcess, type AgentProcess } from './support/agent-process.ts'
import { chromiumPath, launchChromium, openPage, stillness } from './support/browser.ts'
import { startDemo, type Demo } from './support/demo.ts'
import { eventually } from './support/eventually.ts'

const folder = fileURLToPath(new URL('../docs/images/', import.meta.url))
const wide = { width: 1280, height: 800 }
/** Links are long enough for what they carry. */
const roomy = { width: 1500, height: 940 }
const phone = { width: 390, height: 844 }
const themes = ['light', 'dark'] as const

interface Picture {
  readonly name: string
  readonly path: string
  /** Until then it is not worth a picture. */
  readonly ready: (page: Page) => Promise<unknown>
  readonly viewport?: { readonly width: number; readonly height: number }
}

/** Figures come from both ends of a link, every two seconds. */
const withTraffic = (title: string) => async (page: Page) => {
  await heading(title)(page)
  await page.getByText(/B\/s/).first().waitFor()
}

/** The first point of a link is a minute old. */
const withChart = (title: string) => async (page: Page) => {
  await heading(title)(page)
  await page.locator('canvas').first().waitFor({ timeout: 90_000 })
}

const heading = (name: string) => (page: Page) =>
  page.getByRole('heading', { name, level: 1 }).waitFor()

const pictures: readonly Picture[] = [
  { name: 'overview', path: '/', ready: withTraffic('Overview'), viewport: roomy },
  { name: 'overview-phone', path: '/', ready: withTraffic('Overview'), viewport: phone },
  { name: 'peers', path: '/peers', ready: withTraffic('Peers') },
  {
    name: 'invite',
    path: '/peers?add=invite',
    ready: (page) => page.getByRole('dialog').waitFor(),
  },
  { name: 'workloads', path: '/workloads', ready: (page) => rowOf(page, 'web').waitFor() },
  {
    name: 'workloads-phone',
    path: '/workloads',
    ready: (page) => rowOf(page, 'web').waitFor(),
    viewport: phone,
  },
  { name: 'app', path: '/workloads/porpulsion/web', ready: heading('web') },
  {
    name: 'app-logs',
    path: '/workloads/porpulsion/feed?tab=logs',
    ready: (page) => page.getByRole('log').getByText('tick').first().waitFor(),
  },
  { name: 'app-terminal', path: '/workloads/porpulsion/web?tab=terminal', ready: typeInTerminal },
  {
    name: 'app-spec',
    path: '/workloads/porpulsion/web?tab=spec',
    ready: (page) => page.getByText('porpulsion/hello').first().waitFor(),
  },
  { name: 'app-metrics', path: '/workloads/porpulsion/web?tab=metrics', ready: withChart('web') },
  {
    name: 'deploy',
    path: '/deploy?copy=porpulsion,web',
    ready: (page) => page.getByRole('textbox', { name: 'Image' }).waitFor(),
  },
  { name: 'approvals', path: '/approvals', ready: heading('Approvals') },
  { name: 'settings', path: '/settings', ready: heading('Settings') },
  { name: 'notifications', path: '/notifications', ready: heading('Notifications') },
  { name: 'audit', path: '/audit', ready: heading('Audit') },
  { name: 'access', path: '/access', ready: heading('Access') },
  { name: 'api', path: '/reference', ready: heading('API') },
  { name: 'peer', path: '/peers/b', ready: withChart('b') },
]

const rowOf = (page: Page, app: string) =>
  page.getByRole('row', { name: new RegExp(`\\b${app}\\b`) })

async function typeInTerminal(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Open terminal' }).click()
  const input = page.getByRole('textbox', { name: /^Terminal in web/ })
  await input.waitFor()
  await input.pressSequentially('uname -sr; echo "$HOST"; stty size\n', { delay: 5 })
  await page.locator('.xterm-rows').getByText('Linux').first().waitFor()
}

/** Asks as whoever is signed in on this page. */
async function ask<E extends Endpoint>(
  page: Page,
  endpoint: E,
  { path = endpoint.path, body }: { readonly path?: string; readonly body?: BodyOf<E> } = {},
): Promise<ResponseOf<E>> {
  const url = new URL(path, page.url())
  const response = await page.request.fetch(url.href, {
    method: endpoint.method,
    headers: { origin: url.origin },
    ...(body !== undefined && { data: body as object }), // every body of the table is an object
  })
  if (!response.ok()) throw new Error(`${endpoint.method} ${path}: ${await response.text()}`)
  return (await response.json()) as ResponseOf<E> // the agent's, of this version
}

interface Scene {
  readonly page: Page
  readonly end: () => Promise<void>
}

async function makeScene(browser: Browser): Promise<Scene> {
  const demo = await startDemo()
  const others = await Promise.all([
    startAgentProcess('home-lab', 'dials'),
    startAgentProcess('tokyo', 'dials'),
  ])
  const end = async (): Promise<void> => {
    await Promise.all([demo.remove(), ...others.map((agent) => agent.remove())])
  }
  try {
    return { page: await furnish(browser, demo, others), end }
  } catch (error) {
    await end()
    throw error
  }
}

async function furnish(
  browser: Browser,
  demo: Demo,
  others: readonly AgentProcess[],
): Promise<Page> {
  const { page } = await openPage(browser)
  await page.goto(await demo.loginLink('a'))
  await heading('Overview')(page)
  const [homeLab, tokyo] = await Promise.all(
    others.map(async (agent) => {
      const { page: theirs } = await openPage(browser)
      await theirs.goto(await agent.firstLogin())
      await heading('Overview')(theirs)
      const { bundle } = await ask(page, endpoints.createInvite, { body: { autoConfirm: true } })
      await ask(theirs, endpoints.addPeer, { body: { bundle, confirm: true } })
      return theirs
    }),
  )
  if (homeLab === undefined || tokyo === undefined) throw new Error('Two agents were started')
  await eventually('all peers are connected', 30_000, async () => {
    const { items } = await ask(page, endpoints.listPeers)
    must(items.filter(({ status }) => status?.link === 'Connected').length === 3, items)
  })

  const deploy = (by: Page, name: string, targetPeer: string, spec: object): Promise<unknown> =>
    ask(by, endpoints.createRemoteApp, {
      body: { metadata: { name }, spec: { image: 'porpulsion/hello', targetPeer, ...spec } },
    }).then(createdApp)
  const web = { replicas: 3, ports: [{ port: 8080, name: 'http' }], labels: { tier: 'front' } }
  await deploy(page, 'web', 'b', {
    ...web,
    env: [{ name: 'GREETING', value: 'Hello from the other cluster' }],
    resources: {
      requests: { cpu: '50m', memory: '32Mi' },
      limits: { cpu: '200m', memory: '64Mi' },
    },
  })
  await deploy(page, 'feed', 'b', { image: 'porpulsion/ticker' })
  await deploy(page, 'api', 'tokyo', { replicas: 2, ports: [{ port: 8080 }] })
  await deploy(page, 'search', 'tokyo', { ports: [{ port: 8080 }] })
  await deploy(page, 'billing', 'home-lab', { image: 'ghcr.io/example/billing:2.4' })
  await ask(page, endpoints.patchSettings, {
    body: {
      approval: { required: true },
      images: { block: ['docker.io/library/*:latest'] },
      resources: { defaults: { limits: { cpu: '250m', memory: '64Mi' } } },
      totals: { apps: 20, pods: 40, cpu: '8', memory: '8Gi' },
    },
  })
  await deploy(homeLab, 'backup', 'a', { image: 'porpulsion/ticker' })
  await deploy(tokyo, 'edge-cache', 'a', { replicas: 2, ports: [{ port: 8080 }] })
  await eventually('two apps wait for approval', 60_000, async () => {
    const { items } = await ask(page, endpoints.listApprovals)
    must(items.length === 2, items)
  })
  await eventually('web is ready', 60_000, async () => {
    const { items } = await ask(page, endpoints.listRemoteApps)
    const ready = items.find(({ metadata }) => metadata.name === 'web')
    must(ready?.status?.phase === 'Ready', ready)
  })
  return page
}

function must(holds: boolean, found: unknown): void {
  if (!holds) throw new Error(`Not yet: ${JSON.stringify(found)}`)
}

async function takePictures(page: Page): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const { name, path, ready, viewport = wide } of pictures) {
    await page.setViewportSize(viewport)
    for (const colorScheme of themes) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.goto(new URL(path, page.url()).href)
      await ready(page)
      await settled(page)
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) })
      process.stdout.write(`${name}-${colorScheme}.png\n`)
    }
  }
}

/** Nothing is loading, nothing moves. */
async function settled(page: Page): Promise<void> {
  await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' })
  await page.waitForLoadState('load')
  await page.evaluate('document.fonts.ready.then(() => 0)')
  await stillness(page)
}

if (chromiumPath === undefined) throw new Error('No chromium here: apt-get install chromium')
const browser = await launchChromium(chromiumPath)
try {
  const scene = await makeScene(browser)
  await takePictures(scene.page).finally(scene.end)
} finally {
  await browser.close()
}
