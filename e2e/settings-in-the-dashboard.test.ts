import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { beforeAllInBrowser, expectAccessible, inBrowser, openPage } from './support/browser.ts'
import { startDemo, type Demo } from './support/demo.ts'
import { eventually } from './support/eventually.ts'

let demo: Demo
/** Of the owner of b, where a runs an app. */
let page: Page
let complaints: readonly string[]

beforeAllInBrowser(async (browser) => {
  demo = await startDemo()
  ;({ page, complaints } = await openPage(browser))
  return () => demo.remove()
})

const run = (...args: string[]) => demo.run(...args)

const setting = (path: string): Promise<unknown> =>
  demo.json('settings', 'get', path, '--context', 'b')
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true })
const preview = () => page.getByRole('region', { name: 'What would this refuse today?' })
const dialog = () => page.getByRole('dialog')

// One story: each test goes on where the one before it ended.

inBrowser('the rules stand on a page, with what they refuse today', async () => {
  await page.goto(await demo.loginLink('b'))
  await page.getByRole('link', { name: 'Settings' }).click()
  await preview().getByText('Nothing that runs here').waitFor()
  await expectAccessible(page)
})

inBrowser('a stricter rule says what it would refuse before it is saved', async () => {
  await page.getByRole('combobox', { name: 'Blocked images' }).fill('porpulsion/**')
  await page.keyboard.press('Enter')
  const refused = preview().getByRole('list', { name: 'Would be refused' })
  await refused.getByText('ImageBlocked').waitFor()
  expect(await setting('images.block')).toEqual([])
  await button('Review and save').click()
  await dialog().getByText('images.block', { exact: true }).waitFor()
  await expectAccessible(page)
})

inBrowser('saved it is in force, and undone it is as before', async () => {
  await dialog().getByRole('button', { name: 'Save' }).click()
  await preview().getByText('One app would not be admitted now').waitFor()
  expect(await setting('images.block')).toEqual(['porpulsion/**'])
  await button('Undo').click()
  await preview().getByText('Nothing that runs here').waitFor()
  expect(await setting('images.block')).toEqual([])
})

inBrowser('a rule for one peer overrides the general one, and goes back to it', async () => {
  await page.getByRole('combobox', { name: 'Rules for' }).click()
  await page.getByRole('option', { name: 'Only a' }).click()
  await button('Override: Ask before apps run').click()
  await page.getByRole('switch', { name: 'Ask before apps run' }).check({ force: true })
  await button('Review and save').click()
  await dialog().getByText('peers.a.approval.required').waitFor()
  await dialog().getByRole('button', { name: 'Save' }).click()
  await button('Back to the general rule: Ask before apps run').waitFor()
  expect(await setting('peers.a.approval.required')).toBe(true)
  await expectAccessible(page, ['light'])
})

inBrowser('what somebody else changes meanwhile stays changed', async () => {
  await page.goto(new URL('/settings?section=totals', page.url()).href)
  await page.getByRole('textbox', { name: 'Pods', exact: true }).fill('30')
  await run('settings', 'set', 'totals.apps=20', '--context', 'b')
  await eventually('the form shows what was set elsewhere', 10_000, async () => {
    const apps = page.getByRole('textbox', { name: 'Apps', exact: true })
    expect(await apps.inputValue()).toBe('20')
  })
  await button('Review and save').click()
  await dialog().getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved: the new rules are in force.').first().waitFor()
  expect(await setting('totals')).toMatchObject({ apps: 20, pods: 30 })
})

inBrowser('the same rules as YAML', async () => {
  await page.getByText('YAML', { exact: true }).click()
  const yaml = page.getByRole('textbox', { name: 'The rules as YAML' })
  await yaml.waitFor()
  expect(await yaml.innerText()).toContain('pods: 30')
  await expectAccessible(page, ['dark'])
})

inBrowser(
  'a rule written by hand is one of the form, and text that cannot be read says so',
  async () => {
    const yaml = page.getByRole('textbox', { name: 'The rules as YAML' })
    await yaml.press('Control+End')
    // The editor indents what comes below a key itself.
    await page.keyboard.type('images:\nblock: [docker.io/**]')
    await button('Review and save').click()
    await dialog().getByText('images.block', { exact: true }).waitFor()
    await dialog().getByRole('button', { name: 'Back' }).click()
    expect(await yaml.innerText()).toContain('  block: [docker.io/**]')
    await yaml.press('Control+a')
    await page.keyboard.insertText('totals: ]')
    await page.getByRole('alert').getByText('The YAML cannot be read just now').waitFor()
    await button('Discard').click()
    await eventually('the text is that of what is stored', 5_000, async () => {
      expect(await yaml.innerText()).toContain('pods: 30')
    })
    // Tab indents in an editor; Escape gives it back to the page, also where it closes something.
    await yaml.press('Control+Space')
    await page.locator('.cm-tooltip-autocomplete').waitFor()
    await yaml.press('Escape')
    await page.keyboard.press('Tab')
    expect(await yaml.evaluate('document.activeElement.closest(".cm-editor")')).toBeNull()
  },
)

inBrowser('all the while the page had nothing to complain about', () => {
  expect(complaints).toEqual([])
})
