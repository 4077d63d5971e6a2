import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { beforeAllInBrowser, expectAccessible, inBrowser, openPage } from './support/browser.ts'
import { startDemo, type Demo } from './support/demo.ts'

let demo: Demo
let page: Page
let complaints: readonly string[]

beforeAllInBrowser(async (browser) => {
  demo = await startDemo()
  ;({ page, complaints } = await openPage(browser))
  await page.goto(await demo.loginLink('a'))
  await page.getByRole('link', { name: 'Deploy', exact: true }).click()
  await page.getByRole('heading', { name: 'Deploy an app' }).waitFor()
  return () => demo.remove()
})

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true })
const field = (name: string) => page.getByRole('textbox', { name, exact: true })
const manifest = () => page.getByRole('textbox', { name: 'Manifest' })
const answer = () => page.getByRole('region', { name: 'What the peer would do' })
const specOf = async (name: string): Promise<unknown> =>
  ((await demo.json('app', 'get', name)) as { spec: unknown }).spec

/** As if somebody had written it; typed, the editor would complete it. */
async function write(text: string): Promise<void> {
  await manifest().click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText(text)
}

// One story: each test goes on where the one before it ended.

inBrowser('a template says at once what the peer would do with it', async () => {
  await button(/^Hello A page/).click()
  await page.getByRole('combobox', { name: 'Peer that shall run it' }).click()
  await page.getByRole('option', { name: /^b Connected/ }).click()
  await answer().getByText('b would accept it').waitFor()
  await expectAccessible(page)
})

inBrowser('what the form changes stands in the YAML, and the rest stays as it was', async () => {
  await field('Name').first().fill('form-made')
  await button(/^Environment/).click()
  await button('Add variable').click()
  await field('Name of variable 1').fill('GREETING')
  await field('Value of variable 1').fill('yes')
  await manifest().getByText('name: form-made').waitFor()
  const text = (await manifest().innerText()).split('\n')
  expect(text).toEqual(expect.arrayContaining(['    - name: GREETING', '      value: "yes"']))
  expect(text.filter((line) => line.includes('args: [--port, "8080"'))).toHaveLength(1)
  await expectAccessible(page)
})

inBrowser('a reload keeps the draft', async () => {
  await page.reload()
  await page.getByText('This is the draft you left here.').waitFor()
  await manifest().getByText('GREETING').waitFor()
  await answer().getByText('b would accept it').waitFor()
})

inBrowser('it is deployed by the form', async () => {
  await button('Deploy').click()
  await page.getByRole('heading', { name: 'form-made' }).waitFor()
  await page.getByText('form-made is on its way to b').waitFor()
  expect(await specOf('form-made')).toMatchObject({
    targetPeer: 'b',
    env: [{ name: 'GREETING', value: 'yes' }],
    readinessProbe: { httpGet: { path: '/healthz', port: 8080 } },
  })
})

inBrowser('wrong YAML says what is wrong and what was meant', async () => {
  await page.getByRole('link', { name: 'Deploy', exact: true }).click()
  await write(
    'metadata:\n  name: yaml-made\nspec:\n  targetPeer: b\n  image: porpulsion/hello\n  replica: 1\n',
  )
  await button('Deploy').click()
  await page.getByText('spec.replica: unknown field').waitFor()
  await page.locator('.cm-lint-marker-error').hover()
  await page.locator('.cm-diagnosticAction', { hasText: 'Change to replicas' }).click()
  await answer().getByText('b would accept it').waitFor()
})

inBrowser(
  'a manifest with every field is shown in the form, and deployed as it is written',
  async () => {
    // The editor has only those lines in the page that fit: tall enough for all of them.
    await page.setViewportSize({ width: 1440, height: 3_400 })
    const example = await readFile(
      join(import.meta.dirname, '../examples/every-field.yaml'),
      'utf8',
    )
    await write(example)
    // The demo's host allows no storage: that is said before anything is made.
    await answer().getByText('b would refuse it').waitFor()
    await answer()
      .getByText(/StorageNotAllowed|storage/i)
      .first()
      .waitFor()
    await button(/^Security/).click()
    await page.getByRole('textbox', { name: 'Run as user' }).waitFor()
    await button(/^Storage/).click()
    await button('Remove volume 1').click()
    await answer().getByText('b would accept it').waitFor()
    expect(await manifest().innerText()).not.toContain('pvcs')
    expect(await manifest().innerText()).toContain('# Every field an app can have')
    await expectAccessible(page)
    await button('Deploy').click()
    await page.getByRole('heading', { name: 'everything', exact: true }).waitFor()
    expect(await specOf('everything')).toMatchObject({
      securityContext: { runAsUser: 1000, capabilities: { drop: ['ALL'] } },
      secrets: [{ name: 'keys', data: { password: 'correct horse' } }],
      annotations: { 'example.com/note': 'shows every field' },
    })
  },
)

inBrowser('its spec shows no values of secrets, and is edited without them', async () => {
  await page.getByRole('tab', { name: 'Spec' }).click()
  await manifest().getByText('password: ••••••').waitFor()
  expect(await page.content()).not.toContain('correct horse')
  await expectAccessible(page)
  await button('Edit').click()
  const text = await manifest().innerText()
  await write(text.replace('greeting.txt: Hello', 'greeting.txt: Good evening'))
  await answer().getByText('b would accept the change').waitFor()
  await button('Review changes').click()
  const changes = page.getByRole('textbox', { name: 'Changes' })
  await changes.getByText('Good evening').waitFor()
  expect(await changes.innerText()).not.toContain('apiVersion')
  await expectAccessible(page)
  await button('Apply').click()
  await page.getByText('everything is being changed').waitFor()
  expect(await specOf('everything')).toMatchObject({
    configMaps: [{ data: { 'greeting.txt': 'Good evening' } }],
    secrets: [{ data: { password: 'correct horse' } }],
  })
})

inBrowser('its history shows who changed what, and takes it back', async () => {
  await button(/^Revision 2 /).click()
  await page.getByRole('textbox', { name: 'From revision 1 to revision 2' }).waitFor()
  await expectAccessible(page)
  await button('Roll back to revision 1').click()
  await page.getByRole('dialog').getByRole('textbox', { name: 'What would change' }).waitFor()
  await expectAccessible(page)
  await page.getByRole('dialog').getByRole('button', { name: 'Roll back', exact: true }).click()
  await page.getByText('everything goes back to revision 1').waitFor()
  expect(await specOf('everything')).toMatchObject({
    configMaps: [{ data: { 'greeting.txt': 'Hello' } }],
    secrets: [{ data: { password: 'correct horse' } }],
  })
})

inBrowser('all the while the page had nothing to complain about', () => {
  expect(complaints).toEqual([])
})
