import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import {
  chromiumPath,
  expectAccessible,
  inBrowser,
  launchChromium,
  openPage,
} from './support/browser.ts'
import { startDemo, type Demo } from './support/demo.ts'

let demo: Demo
let browser: Browser
let page: Page
let complaints: readonly string[]

beforeAll(async () => {
  if (chromiumPath === undefined) return
  demo = await startDemo()
  browser = await launchChromium(chromiumPath)
  ;({ page, complaints } = await openPage(browser))
})
afterAll(async () => {
  if (chromiumPath === undefined) return
  await browser.close()
  await demo.remove()
})

const button = (name: string) => page.getByRole('button', { name, exact: true })
const goTo = (name: string) => page.getByRole('link', { name }).click()

/** The demo, asked again, prints a fresh one-time link for each page. */
async function loginLink(): Promise<string> {
  const { stdout, stderr } = await demo.cli('demo', '--detach', '--dir', demo.dir)
  const link = /http:\S+\/login\?code=\S+/.exec(stdout)?.[0]
  if (link === undefined) throw new Error(`The demo printed no login link: ${stdout}${stderr}`)
  return link
}

// One story: each test goes on where the one before it ended.

inBrowser('a stranger is asked to sign in, and a login link signs in', async () => {
  const link = await loginLink()
  await page.goto(new URL('/peers', link).href)
  await page.getByRole('heading', { name: 'Sign in to Porpulsion' }).waitFor()
  await expectAccessible(page)
  // The browser itself reports the answer 401 to the question who is signed in.
  expect(complaints.filter((text) => !text.includes('401'))).toEqual([])

  ;({ page, complaints } = await openPage(browser))
  await page.goto(link)
  await page.getByRole('heading', { name: 'Peers' }).waitFor()
})

inBrowser('the peers page shows the link', async () => {
  await page.getByRole('row', { name: /^b .*Connected · ws/ }).waitFor()
  await expectAccessible(page)
})

inBrowser('an app is deployed by the form, and becomes ready without a reload', async () => {
  await goTo('Workloads')
  await page.getByRole('row', { name: /hello.*1\/1.*porpulsion\/hello/ }).waitFor()
  await expectAccessible(page)

  await goTo('Deploy an app')
  await page.getByRole('textbox', { name: 'Name' }).fill('shop')
  await page.getByRole('combobox', { name: 'Peer that shall run it' }).click()
  await page.getByRole('option', { name: 'b' }).click()
  await page.getByRole('textbox', { name: 'Image' }).fill('porpulsion/hello')
  await button('Add port').click()
  await expectAccessible(page)
  await page.getByRole('tab', { name: 'YAML' }).click()
  await expectAccessible(page)
  await button('Deploy').click()

  await page.getByRole('heading', { name: 'shop' }).waitFor()
  await page.getByText('1 of 1 ready at b').waitFor()
  await page.getByText('Ready', { exact: true }).first().waitFor()
  await expectAccessible(page)
})

inBrowser('its page opens in a tab of another origin that cannot reach ours', async () => {
  const [tab] = await Promise.all([page.waitForEvent('popup'), button('Open port 8080').click()])
  await tab.waitForURL(/^http:\/\/8080--shop--porpulsion\.localhost:/)
  expect(await tab.textContent('body')).toContain('shop')
  expect(await tab.evaluate('window.opener')).toBeNull()
  await tab.close()
})

inBrowser('its logs and its manifest are shown', async () => {
  await page.getByRole('tab', { name: 'Logs' }).click()
  await page.getByRole('log').getByText('Listening on http://').waitFor()
  await expectAccessible(page)
  await page.getByRole('tab', { name: 'Spec' }).click()
  expect(await page.getByLabel('Manifest').textContent()).toContain('image: porpulsion/hello')
  await expectAccessible(page)
})

inBrowser('it is deleted, and goes from the page', async () => {
  await button('Delete').click()
  await page.getByRole('dialog').getByText('go with it').waitFor()
  await expectAccessible(page)
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByText('There is no app shop').waitFor()
  await goTo('Notifications')
  await page.getByRole('heading', { name: 'Notifications' }).waitFor()
  await expectAccessible(page)
})

inBrowser('all the while the page had nothing to complain about', () => {
  expect(complaints).toEqual([])
})
