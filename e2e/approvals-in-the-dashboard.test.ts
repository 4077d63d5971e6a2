import type { RemoteApp } from '@porpulsion/contract'
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'
import { beforeAllInBrowser, expectAccessible, inBrowser, openPage } from './support/browser.ts'
import { startDemo, type Demo } from './support/demo.ts'
import { eventually } from './support/eventually.ts'
import { fetchFrom } from './support/fetch-app.ts'

let demo: Demo
let browser: Browser
/** Of the owner of b, where a wants its apps to run. */
let page: Page
let complaints: readonly string[]

beforeAllInBrowser(async (launched) => {
  browser = launched
  demo = await startDemo()
  ;({ page, complaints } = await openPage(browser))
  return () => demo.remove()
})

/** A command that must succeed; what `a` does, unless it names another context. */
const run = (...args: string[]) => demo.run(...args)

const dialog = () => page.getByRole('dialog')
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true })
const link = (name: string | RegExp) => page.getByRole('link', { name, exact: true })
const navigation = () => page.getByRole('navigation', { name: 'Pages' })

// One story: each test goes on where the one before it ended. The page is never loaded again.

inBrowser('where nothing waits, the page says how to be asked', async () => {
  await page.goto(await demo.loginLink('b'))
  await navigation().getByRole('link', { name: 'Approvals' }).click()
  await page.getByText('porpulsion settings set approval.required=true').waitFor()
  await expectAccessible(page, ['light'])
})

inBrowser(
  'an app that comes once approval is required waits on the page, and is counted',
  async () => {
    await run('settings', 'set', 'approval.required=true', '--context', 'b')
    await run('app', 'deploy', 'shop', '--peer', 'b', '--image', 'porpulsion/hello')
    await page.getByRole('row', { name: /shop \(porpulsion\/hello\) a .* Pending/ }).waitFor()
    await navigation().getByRole('link', { name: 'Approvals 1 waiting' }).waitFor()
    await expectAccessible(page)
  },
)

inBrowser('its review shows what would run', async () => {
  await link(/^Review shop/).click()
  await dialog().getByText('What would run').waitFor()
  const shown = await dialog().getByRole('list', { name: 'Differences' }).textContent()
  expect(shown).toContain('image+ porpulsion/hello')
  await dialog().getByText('The whole spec').click()
  expect(await dialog().getByLabel('Spec').textContent()).toContain('image: porpulsion/hello')
  await expectAccessible(page, ['light'])
})

inBrowser('a viewer sees the same, and why they cannot decide', async () => {
  const link = /http:\S+/.exec(await run('user', 'create', 'eve', 'viewer', '--context', 'b'))?.[0]
  const { page: theirs } = await openPage(browser)
  await theirs.goto(link ?? '')
  await theirs.getByRole('link', { name: 'Approvals 1 waiting', exact: true }).click()
  await theirs.getByRole('link', { name: /^Review shop/ }).click()
  await theirs.getByRole('dialog').getByText('operators and admins decide').waitFor()
  await theirs.getByText('+ porpulsion/hello').waitFor()
  expect(await theirs.getByRole('button', { name: /^(Approve|Reject)$/ }).count()).toBe(0)
  await theirs.context().close()
})

inBrowser('what changes while it is looked at cannot be approved unseen', async () => {
  await run('app', 'update', 'shop', '--env', 'GREETING=<b>hello</b>')
  await dialog().getByRole('alert').getByText('It changed meanwhile').waitFor()
  expect(await button('Approve').count()).toBe(0)
  await expectAccessible(page, ['light'])
  await button('Review what waits now').click()
  await dialog().getByText('+ <b>hello</b>').waitFor()
})

inBrowser('approved, it runs', async () => {
  await dialog().getByRole('textbox', { name: 'Note' }).fill('Go ahead')
  await button('Approve').click()
  await page.getByText('Approved: shop (porpulsion/hello) of peer a.').waitFor()
  await dialog().waitFor({ state: 'detached' })
  await navigation().getByRole('link', { name: 'Approvals', exact: true }).waitFor()
  await eventually('shop is ready', 20_000, async () => {
    const shop = (await demo.json('app', 'get', 'shop')) as RemoteApp // from our own API
    expect(shop.status?.phase).toBe('Ready')
  })
})

inBrowser('an update is shown against what runs, and goes back with a note', async () => {
  await run('app', 'update', 'shop', '--env', 'GREETING=bye')
  await link(/^Review Update of shop/).click()
  const differences = dialog().getByRole('list', { name: 'Differences' })
  await differences.getByText('+ bye').waitFor()
  expect(await differences.locator('del').allTextContents()).toEqual(['<b>hello</b>'])
  expect(await differences.locator('ins').allTextContents()).toEqual(['bye'])
  await expectAccessible(page)
  await dialog().getByRole('textbox', { name: 'Note' }).fill('Be polite')
  await button('Reject').click()
  await page.getByRole('row', { name: /Update of shop .* Rejected by .*: Be polite/ }).waitFor()
})

inBrowser(
  'a tunnel that the peer asks for comes up by itself, and once approved is open',
  async () => {
    await run('settings', 'set', 'tunnels.mode=approval', '--context', 'b')
    expect((await fetchFrom({ cli: run }, 'hello', '/')).status).toBe(403)
    await link('Review Tunnel to port 8080 of hello').click()
    await dialog().getByText('may reach port 8080 of its app hello').waitFor()
    await button('Approve').click()
    await page
      .getByRole('row', { name: /Tunnel to port 8080 of hello a .* Approved by / })
      .waitFor()
    expect((await fetchFrom({ cli: run }, 'hello', '/')).status).toBe(200)
  },
)

inBrowser('a key decides in the review alone, and the next one is a step of its own', async () => {
  await run('app', 'deploy', 'bar', '--peer', 'b', '--image', 'porpulsion/hello')
  await run('app', 'deploy', 'cafe', '--peer', 'b', '--image', 'porpulsion/hello')
  await link(/^Review cafe/).waitFor()
  await page.keyboard.press('a')
  await link(/^Review bar/).click()
  await dialog().getByText('+ porpulsion/hello').waitFor()
  await dialog().getByRole('textbox', { name: 'Note' }).fill('a')
  await button('Approve').waitFor()
  await dialog().getByText('What would run').click()
  await page.keyboard.press('a')
  await dialog().getByText('Approved: bar').waitFor()
  await button('Review the next: cafe').click()
  await dialog().getByText('What would run').waitFor()
  expect(new URL(page.url()).searchParams.get('id')).not.toBe(null)
  await page.keyboard.press('Escape')
  await dialog().waitFor({ state: 'detached' })
})

inBrowser('several are rejected at once; apps are approved one by one', async () => {
  await page.getByRole('checkbox', { name: /^Select cafe/ }).check()
  expect(await button('Approve selected').isDisabled()).toBe(true)
  await button('Reject selected').click()
  await page.getByText('Rejected: 1.').waitFor()
  await page.getByRole('row', { name: /cafe .* Rejected/ }).waitFor()
})

inBrowser('an address of what waits no more says so', async () => {
  const { page: another } = await openPage(browser)
  await another.goto(await demo.loginLink('b'))
  await another.goto(new URL('/approvals?id=gone', page.url()).href)
  await another.getByRole('dialog').getByText('It was decided, withdrawn, or changed').waitFor()
  await another.context().close()
})

inBrowser('apps that break a newer rule are listed, and stopped on a second word', async () => {
  await run('settings', 'set', 'images.block=["porpulsion/**"]', '--context', 'b')
  const broken = page.getByRole('region', { name: 'Rules that running apps break' })
  await broken.getByRole('row', { name: /^shop a ImageBlocked/ }).waitFor()
  await expectAccessible(page)
  await button('Stop shop').click()
  await dialog().getByText('Its pods here end').waitFor()
  await expectAccessible(page, ['light'])
  await dialog().getByRole('button', { name: 'Stop', exact: true }).click()
  await page.getByText('Stopped: shop of peer a.').waitFor()
  await broken.getByRole('row', { name: /^shop a/ }).waitFor({ state: 'detached' })
})

inBrowser('all the while the page had nothing to complain about', () => {
  expect(complaints).toEqual([])
})
