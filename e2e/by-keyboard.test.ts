/** From the sign-in to a log line without a mouse: a peer looked at, an app deployed, its logs read. */
import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { beforeAllInBrowser, inBrowser, openPage } from './support/browser.ts'
import { startDemo, type Demo } from './support/demo.ts'

/** No page has more stops before what somebody wants. */
const MAX_TABS = 60

let demo: Demo
let page: Page

beforeAllInBrowser(async (browser) => {
  demo = await startDemo()
  ;({ page } = await openPage(browser))
  await page.goto(await demo.loginLink('a'))
  await heading('Overview').waitFor()
  return () => demo.remove()
})

const heading = (name: string) => page.getByRole('heading', { level: 1, name })
const press = (key: string) => page.keyboard.press(key)
const type = (text: string) => page.keyboard.type(text)

/** With Tab alone, from wherever the focus is. */
async function tabTo(target: Locator): Promise<void> {
  await target.waitFor()
  for (let tabs = 0; tabs < MAX_TABS; tabs++) {
    if ((await target.and(page.locator(':focus')).count()) === 1) return
    await press('Tab')
  }
  throw new Error(`${MAX_TABS} Tabs do not lead to ${target.toString()}`)
}

async function palette(wish: string): Promise<void> {
  await press('Control+k')
  const search = page.getByPlaceholder('An app, a peer, a page, or what to do')
  await search.and(page.locator(':focus')).waitFor()
  await type(wish)
  // The first of what is left is chosen.
  await page
    .getByRole('button', { name: new RegExp(`^${wish}`) })
    .first()
    .waitFor()
  await press('Enter')
}

// One story: each test goes on where the one before it ended.

inBrowser('the palette goes to a peer', async () => {
  await palette('b')
  await heading('b').waitFor()
})

inBrowser('an app is deployed by the form', async () => {
  await palette('Deploy an app')
  await heading('Deploy an app').waitFor()
  await tabTo(page.getByRole('textbox', { name: 'Name', exact: true }))
  await type('keys')
  await tabTo(page.getByRole('combobox', { name: 'Peer that shall run it' }))
  await type('b')
  await press('ArrowDown')
  await press('Enter')
  await tabTo(page.getByRole('textbox', { name: 'Image' }))
  await type('porpulsion/ticker')
  // Enter in a field of a form sends it.
  await press('Enter')
  await heading('keys').waitFor()
  await page.getByText('1 of 1 ready at').waitFor()
})

inBrowser('its logs are read', async () => {
  await tabTo(page.getByRole('tab', { name: 'Overview' }))
  await press('ArrowRight')
  await page.getByRole('log').getByText('tick from keys').first().waitFor()
  await tabTo(page.getByRole('log'))
  expect(new URL(page.url()).searchParams.get('tab')).toBe('logs')
})

inBrowser('rows are walked with the arrows, and opened with Enter', async () => {
  await palette('Workloads')
  await heading('Workloads').waitFor()
  await tabTo(page.getByRole('link', { name: /^hello/ }))
  await press('ArrowDown')
  expect(await page.locator(':focus').textContent()).toContain('keys')
  await press('Enter')
  await page.getByRole('heading', { name: 'keys' }).waitFor()
})
