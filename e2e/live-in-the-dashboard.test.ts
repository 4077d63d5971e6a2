/** What goes on while somebody looks at it: logs, a shell at the peer, and an agent that goes away and comes back. */
import { kill } from 'node:process'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { beforeAllInBrowser, expectAccessible, inBrowser, openPage } from './support/browser.ts'
import { startDemo, type Demo } from './support/demo.ts'
import { eventually } from './support/eventually.ts'

let demo: Demo
let page: Page

beforeAllInBrowser(async (browser) => {
  demo = await startDemo()
  ;({ page } = await openPage(browser))
  await page.goto(await demo.loginLink('a'))
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  return () => demo.remove()
})

const open = (path: string) => page.goto(new URL(path, page.url()).href)
const button = (name: string | RegExp) => page.getByRole('button', { name })
const terminal = () => page.getByRole('textbox', { name: /^Terminal in hello/ })
const screen = () => page.locator('.xterm-rows')

// One story: each test goes on where the one before it ended.

inBrowser('logs come as they are written, and can be searched and held', async () => {
  await demo.json('app', 'deploy', 'feed', '--peer', 'b', '--image', 'porpulsion/ticker', '--wait')
  await open('/workloads/porpulsion/feed?tab=logs')
  const log = page.getByRole('log')
  await log
    .getByText(/tick from feed-/)
    .first()
    .waitFor()
  await log.getByText(/^3 /).waitFor()

  await button('Pause').click()
  await button(/^Go on \(\d+ new\)/).waitFor()
  await button(/^Go on/).click()

  await page.getByRole('searchbox', { name: 'Search in logs' }).fill('TICK from')
  await page.getByText('none', { exact: true }).waitFor()
  await page.getByRole('searchbox', { name: 'Search in logs' }).fill('tick from')
  await page.getByText(/^1 of \d+$/).waitFor()
  expect(await log.locator('mark').first().textContent()).toBe('tick from')
  await expectAccessible(page)
})

inBrowser('a line of ten thousand characters is folded, and fits when it is not', async () => {
  const words = 'printf "first%09990dlast\\n" 0; echo after; sleep 600'
  const { code } = await demo.cli(
    ...['app', 'deploy', 'long', '--peer', 'b', '--image', 'porpulsion/command', '--wait'],
    ...['--command', 'sh', '--', '-c', words],
  )
  expect(code).toBe(0)
  await open('/workloads/porpulsion/long?tab=logs')
  const log = page.getByRole('log')
  await log.getByText('after', { exact: true }).waitFor()
  const length = async (): Promise<number> => (await log.innerText()).length
  expect(await length()).toBeLessThan(3_000)

  await button(/more characters$/).click()
  await log.getByText(/0000last/).waitFor()
  expect(await length()).toBeGreaterThan(10_000)
  const theLog = `document.querySelector('[role="log"]')`
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 720 })
    await eventually(`it fits ${width} pixels`, 5_000, async () => {
      const widest = await page.evaluate<number>('document.documentElement.scrollWidth')
      expect(widest).toBeLessThanOrEqual(width)
      expect(await page.evaluate(`${theLog}.scrollWidth - ${theLog}.clientWidth`)).toBe(0)
    })
  }
  await page.setViewportSize({ width: 1280, height: 720 })
  await page.getByRole('searchbox', { name: 'Search in logs' }).fill('last')
  await page.getByText('1 of 1', { exact: true }).waitFor()
  await expectAccessible(page, ['light'])
  await button('fold the line').click()
  await button(/more characters$/).waitFor()
  expect(await length()).toBeLessThan(3_000)
})

inBrowser('a shell at the peer takes what is typed and shows what it says', async () => {
  await open('/workloads/porpulsion/hello?tab=terminal')
  await button('Open terminal').click()
  await terminal().waitFor()
  await terminal().pressSequentially('echo "sum $((40 + 2))"; stty size\n')
  await screen().getByText('sum 42').waitFor()
  await expectAccessible(page)

  const { width, height } = page.viewportSize() ?? { width: 1280, height: 720 }
  let asked = 0
  const columns = async (): Promise<number> => {
    const mark = `size${++asked}=`
    await terminal().pressSequentially(`echo ${mark}$(stty size | cut -d" " -f2).\n`)
    const shown = await screen()
      .getByText(new RegExp(`${mark}\\d+\\.`))
      .textContent()
    return Number(shown?.split(mark).at(-1)?.split('.')[0])
  }
  const wide = await columns()
  await page.setViewportSize({ width: 700, height })
  // The window's new size has gone to the other side before the next command is typed.
  await page.waitForTimeout(500)
  expect(await columns()).toBeLessThan(wide)
  await page.setViewportSize({ width, height })
})

inBrowser('F6 leaves the terminal, and its end is told with its exit code', async () => {
  await terminal().press('F6')
  expect(await page.locator(':focus').textContent()).toBe('Start anew')
  await terminal().pressSequentially('exit 3\n')
  await page.getByText('The command ended with exit code 3').waitFor()
  await button('Start again').click()
  await terminal().pressSequentially('echo again\n')
  await screen().getByText('again').first().waitFor()
})

inBrowser(
  'while the agent is away the page says so, and goes on by itself when it is back',
  async () => {
    await open('/workloads')
    await page.getByRole('row', { name: /hello.*Ready/ }).waitFor()
    const { agentA } = await demo.pids()
    kill(agentA, 'SIGKILL')
    await page.getByText('The agent does not answer').waitFor()
    await page
      .getByText('The agent does not answer')
      .waitFor({ state: 'detached', timeout: 60_000 })
    await demo.json('app', 'deploy', 'later', '--peer', 'b', '--image', 'porpulsion/hello')
    await page.getByRole('row', { name: /later/ }).waitFor()
  },
)
