import type { Browser, Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { beforeAllInBrowser, expectAccessible, inBrowser, openPage } from './support/browser.ts'
import { startDemo, type Demo } from './support/demo.ts'

let demo: Demo
let browser: Browser
let page: Page
let complaints: readonly string[]

beforeAllInBrowser(async (launched) => {
  browser = launched
  demo = await startDemo()
  ;({ page, complaints } = await openPage(browser))
  return () => demo.remove()
})

const button = (name: string) => page.getByRole('button', { name, exact: true })
const goTo = (name: string) =>
  page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click()

// One story: each test goes on where the one before it ended.

inBrowser('a stranger is asked to sign in, and a login link signs in', async () => {
  const link = await demo.loginLink('a')
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
  await goTo('Peers')
  await page.getByRole('row', { name: /^b .*Connected/ }).waitFor()
  await expectAccessible(page)
})

inBrowser('an app is deployed by the form, and becomes ready without a reload', async () => {
  await goTo('Workloads')
  await page.getByRole('row', { name: /hello.*porpulsion\/hello.*Ready.*1\/1.*b/ }).waitFor()
  await expectAccessible(page)

  await page.getByRole('link', { name: 'Deploy an app' }).click()
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('shop')
  await page.getByRole('combobox', { name: 'Peer that shall run it' }).click()
  await page.getByRole('option', { name: /^b Connected/ }).click()
  await page.getByRole('textbox', { name: 'Image' }).fill('porpulsion/hello')
  await button('Add port').click()
  await page.getByText('b would accept it').waitFor()
  await page.getByRole('textbox', { name: 'Manifest' }).getByText('port: 8080').waitFor()
  await expectAccessible(page)
  await button('Deploy').click()

  await page.getByRole('heading', { name: 'shop' }).waitFor()
  await page.getByText('1 of 1 ready at').waitFor()
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
  await page
    .getByRole('textbox', { name: 'Manifest' })
    .getByText('image: porpulsion/hello')
    .waitFor()
  await expectAccessible(page)
})

inBrowser('it is scaled by a click, and back by another', async () => {
  await page.getByRole('tab', { name: 'Overview' }).click()
  await button('One replica more').click()
  await page.getByText('Scaled shop from 1 to 2').waitFor()
  await page.getByText('2 of 2 ready at').waitFor()
  await button('Undo').click()
  await page.getByText('Scaled shop from 2 to 1').waitFor()
  await page.getByText('1 of 1 ready at').waitFor()
})

inBrowser('a file is added to it, changed, and put back', async () => {
  await page.getByRole('tab', { name: 'Config' }).click()
  await button('Add a file').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('textbox', { name: 'ConfigMap' }).fill('site')
  await dialog.getByRole('textbox', { name: 'Directory' }).fill('/srv/site')
  await dialog.getByRole('textbox', { name: 'File name' }).fill('motd')
  await dialog.getByRole('textbox', { name: 'Content' }).fill('Hello')
  await expectAccessible(page, ['light'])
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Added site/motd').waitFor()

  await button('Edit site/motd').click()
  await dialog.getByRole('textbox', { name: 'Content' }).fill('Goodbye')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Goodbye').waitFor()
  await button('Undo').last().click()
  await page.getByText('Hello', { exact: true }).waitFor()
  await expectAccessible(page)
})

inBrowser('what it uses is drawn, and who did what to it is listed', async () => {
  await page.getByRole('tab', { name: 'Metrics' }).click()
  // A new pod is not measured at once.
  await page.getByRole('figure', { name: 'CPU of each pod' }).waitFor({ timeout: 90_000 })
  await page.getByRole('row', { name: /^shop-.*\dm? .*B/ }).waitFor()
  await expectAccessible(page)
  await page.getByRole('tab', { name: 'Audit' }).click()
  await page
    .getByRole('row', { name: /patchAppConfig.*done/ })
    .first()
    .waitFor()
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

inBrowser(
  'a search, a filter and an order are in the address, and a link shows the same',
  async () => {
    await goTo('Workloads')
    await page.getByRole('row', { name: /hello/ }).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('porpulsion/hello')
    await page.getByRole('button', { name: /^Ready/ }).click()
    await page.getByRole('button', { name: 'Created' }).click()
    await page.waitForURL(({ search }) =>
      ['q=porpulsion', 'phase=Ready', 'sort=created'].every((part) => search.includes(part)),
    )
    await page.reload()
    await page.getByRole('row', { name: /hello/ }).waitFor()
    expect(await page.getByRole('textbox', { name: 'Search apps' }).inputValue()).toBe(
      'porpulsion/hello',
    )
    await page.getByRole('textbox', { name: 'Search apps' }).fill('nothing is called so')
    await page.getByRole('heading', { name: 'No app is like that' }).waitFor()
    await expectAccessible(page)
    await page.getByRole('button', { name: /^Show all/ }).click()
    await page.getByRole('row', { name: /hello/ }).waitFor()
  },
)

inBrowser(
  'from the list an app opens beside it, by its own address, which is its page',
  async () => {
    await page.getByRole('link', { name: 'hello', exact: true }).focus()
    await page.keyboard.press('Enter')
    const beside = page.getByRole('complementary', { name: 'App hello' })
    await beside.getByRole('heading', { name: 'hello' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/workloads/porpulsion/hello')
    await expectAccessible(page)
    await beside.getByRole('tab', { name: 'Logs' }).click()
    await page.waitForURL(/\/workloads\/porpulsion\/hello\?tab=logs$/)
    await beside.getByRole('tab', { name: 'Overview' }).click()

    await page.reload()
    await page.getByRole('heading', { level: 1, name: 'hello' }).waitFor()
    await page.goBack()
    await page.getByRole('heading', { level: 1, name: 'Workloads' }).waitFor()
  },
)

inBrowser('Escape closes it, and the keyboard is where it was', async () => {
  const link = page.getByRole('link', { name: 'hello', exact: true })
  await link.click()
  const beside = page.getByRole('complementary', { name: 'App hello' })
  await beside.waitFor()
  await page.keyboard.press('Escape')
  await beside.waitFor({ state: 'detached' })
  expect(await page.evaluate('document.activeElement.textContent')).toBe('hello')
  await page.keyboard.press('Shift+?')
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
  await page.keyboard.press('Escape')
})

inBrowser('several apps are restarted at once, and the page says what came of it', async () => {
  await page.getByRole('checkbox', { name: 'Select all' }).check()
  await page.getByRole('region', { name: 'Chosen apps' }).getByText('1 chosen').waitFor()
  await expectAccessible(page)
  await button('Restart').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Restart 1' }).click()
  await page.getByText('Restarted 1 of 1.').waitFor()
  await button('Done').click()
  await page.getByRole('region', { name: 'Chosen apps' }).waitFor({ state: 'detached' })
})

inBrowser('the host shows what runs there for us, with what Kubernetes calls it', async () => {
  const host = await openPage(browser)
  await host.page.goto(await demo.loginLink('b'))
  await host.page.getByRole('heading', { level: 1 }).waitFor()
  await host.page.goto(new URL('/workloads?view=executing', host.page.url()).href)
  await host.page.getByRole('link', { name: 'hello', exact: true }).click()
  await host.page.getByText('1 of 1 ready here, for').waitFor()
  await host.page.getByText(/kubectl describe deployment hello-/).waitFor()
  await expectAccessible(host.page)
  await host.page.getByRole('tab', { name: 'Logs' }).click()
  await host.page.getByRole('log').getByText('Listening on http://').waitFor()
  expect(host.complaints).toEqual([])
})

inBrowser(
  'without its peer, nothing of an app is green, and the page says since when',
  async () => {
    await goTo('Workloads')
    // Frozen, not killed: nothing starts it anew.
    const { agentB } = await demo.pids()
    process.kill(agentB, 'SIGSTOP')
    onTestFinished(() => void process.kill(agentB, 'SIGCONT'))
    await page.getByRole('row', { name: /hello.*as of .*, link down/ }).waitFor({ timeout: 90_000 })
    await page.getByRole('link', { name: 'hello', exact: true }).click()
    await page.getByRole('region', { name: 'The link to b is down' }).waitFor()
    await expectAccessible(page)
    await button('Delete').click()
    await page.getByRole('checkbox', { name: 'Do not wait for b' }).waitFor()
    await expectAccessible(page, ['dark'])
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  },
)

inBrowser('all the while the page had nothing to complain about', () => {
  expect(complaints).toEqual([])
})
