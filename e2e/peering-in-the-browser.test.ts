import type { Browser, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { startAgentProcess, type AgentProcess } from './support/agent-process.ts'
import {
  beforeAllInBrowser,
  expectAccessible,
  inBrowser,
  openPage,
  type OpenPage,
} from './support/browser.ts'

let agents: readonly AgentProcess[]
let browser: Browser
/** Pages of two operators, each signed in at their own agent. */
let a: Page
let b: Page
let complaints: readonly (readonly string[])[]

beforeAllInBrowser(async (launched) => {
  const [agentA, agentB] = await Promise.all([
    startAgentProcess('a', 'reachable'),
    startAgentProcess('b', 'dials'),
  ])
  agents = [agentA, agentB]
  browser = launched
  const [ofA, ofB] = await Promise.all([signIn(agentA), signIn(agentB)])
  a = ofA.page
  b = ofB.page
  complaints = [ofA.complaints, ofB.complaints]
  return async () => {
    await Promise.all(agents.map((agent) => agent.remove()))
  }
})

async function signIn(agent: AgentProcess): Promise<OpenPage> {
  const opened = await openPage(browser)
  await opened.page.goto(await agent.firstLogin())
  await opened.page.getByRole('heading', { name: 'Overview' }).waitFor()
  return opened
}

const button = (within: Page | Locator, name: string): Locator =>
  within.getByRole('button', { name, exact: true })
const link = (within: Page | Locator, name: string): Locator =>
  within.getByRole('link', { name, exact: true })
const dialog = (page: Page, name: string): Locator => page.getByRole('dialog', { name })
const rowOf = (page: Page, peer: string): Locator =>
  page.getByRole('row', { name: new RegExp(`^${peer} `) })
const gone = (locator: Locator): Promise<void> => locator.waitFor({ state: 'detached' })
const accessible = (page: Page): Promise<void> => expectAccessible(page, ['light'])

async function sixWords(page: Page): Promise<string[]> {
  const words = page.getByRole('list', { name: 'Six words' })
  await words.waitFor()
  return words.locator('li > :last-child').allTextContents()
}

/** Theirs and ours, as the dialog shows them. */
const fingerprints = (page: Page): Promise<string[]> =>
  page.getByRole('dialog').locator('pre').allTextContents()

// One story: each test goes on where the one before it ended. Neither page is ever loaded again.

inBrowser('an agent that knows nobody says how to begin', async () => {
  await a.getByRole('heading', { name: 'Peer your first cluster' }).waitFor()
  await accessible(a)
})

inBrowser('a creates an invite, to copy or to scan', async () => {
  await link(a, 'Invite a peer').click()
  const invite = dialog(a, 'Invite a peer')
  await invite.waitFor()
  await accessible(a)
  await button(invite, 'Create invite').click()
  await invite.getByRole('img', { name: 'The invite as a QR code' }).waitFor()
  await button(invite, 'Copy').click()
  await button(invite, 'Copied').waitFor()
  await accessible(a)
  await button(invite, 'Done').click()
  await gone(invite)
  await a.getByRole('heading', { name: 'Open invites' }).waitFor()
  await accessible(a)
})

inBrowser('b is told of an invite that was cut while copying', async () => {
  await link(b, 'Connect with an invite').click()
  const connect = dialog(b, 'Connect with an invite')
  const field = connect.getByRole('textbox', { name: 'Invite from the other cluster' })
  await field.fill('porp1.eyJ1cmwiOiJodHRw.00000000')
  await connect.getByText('copy it again').waitFor()
  expect(await button(connect, 'Connect').isDisabled()).toBe(true)
  await field.fill('')
})

inBrowser('b pastes it, sees whose it is and how it is reached, and connects', async () => {
  const connect = dialog(b, 'Connect with an invite')
  await connect.getByRole('textbox', { name: 'Invite from the other cluster' }).focus()
  await b.keyboard.press('Control+V')
  const facts = connect.getByLabel('What the invite says')
  await facts.getByText('a', { exact: true }).waitFor()
  await facts.getByText('ws', { exact: true }).waitFor()
  await accessible(b)
  await button(connect, 'Connect').click()
  await gone(connect)
})

inBrowser('the invite is used up, and both pages show the same six words', async () => {
  await button(a, 'Confirm b').waitFor()
  await gone(a.getByRole('heading', { name: 'Open invites' }))
  await accessible(a)
  await button(a, 'Confirm b').click()
  await dialog(a, 'Is this really b?').waitFor()
  await dialog(b, 'Is this really a?').waitFor()
  const words = await sixWords(a)
  expect(words).toHaveLength(6)
  expect(await sixWords(b)).toEqual(words)
  await accessible(a)
})

inBrowser('what each calls the fingerprint of the other, the other calls its own', async () => {
  const ofA = await fingerprints(a)
  expect(new Set(ofA).size).toBe(2)
  expect(await fingerprints(b)).toEqual([...ofA].reverse())
})

inBrowser('words that differ are explained before anything is removed', async () => {
  await button(dialog(a, 'Is this really b?'), 'They differ').click()
  const distrust = dialog(a, 'Do not trust b')
  await distrust.getByText('Somebody else may be at the other end').waitFor()
  await accessible(a)
  await button(distrust, 'Compare again').click()
  await dialog(a, 'Is this really b?').waitFor()
})

inBrowser('whoever confirms first sees that the other has not', async () => {
  await button(dialog(a, 'Is this really b?'), 'They match').click()
  await gone(a.getByRole('dialog'))
  await rowOf(a, 'b').getByText('They have not confirmed').waitFor()
  await accessible(a)
})

inBrowser('once both have confirmed, both pages show the link and ask nothing more', async () => {
  await button(dialog(b, 'Is this really a?'), 'They match').click()
  await gone(b.getByRole('dialog'))
  await gone(button(b, 'Confirm a'))
  await gone(a.getByText('They have not confirmed'))
  await rowOf(a, 'b').getByText('Connected · ws').waitFor()
  await rowOf(b, 'a').getByText('Connected · ws').waitFor()
  await accessible(b)
})

inBrowser('the overview shows the link, and what to do next', async () => {
  await link(a, 'Overview').first().click()
  await a.getByRole('heading', { name: 'Deploy your first app' }).waitFor()
  const peer = a.getByRole('list', { name: 'Peers' }).getByRole('link', { name: /^b Connected/ })
  await peer.waitFor()
  await expectAccessible(a)
  await peer.focus()
  await a.keyboard.press('Enter')
  await a.getByRole('heading', { name: 'b', exact: true }).waitFor()
})

inBrowser('the page of a peer shows how the link was, and what the peer may do here', async () => {
  const changes = a.getByRole('list', { name: 'Changes of the link' })
  await changes.getByText('Connected', { exact: true }).first().waitFor()
  await a.getByText('Apps of b are taken.').waitFor()
  await a.getByText(/valid for .* years/).waitFor()
  // The first figures are a minute old.
  const figures = a.locator('.uplot').or(a.getByText('Nothing measured yet.'))
  await figures.first().waitFor()
  await expectAccessible(a)
})

inBrowser('a removes b by its name, and it goes from the page', async () => {
  await link(a, 'Peers').click()
  await button(a, 'More for b').click()
  await a.getByRole('menuitem', { name: 'Remove…' }).click()
  const remove = dialog(a, 'Remove b')
  await remove.waitFor()
  await accessible(a)
  expect(await button(remove, 'Remove').isDisabled()).toBe(true)
  await remove.getByRole('textbox', { name: /^Type b/ }).fill('b')
  await button(remove, 'Remove').click()
  await gone(remove)
  await gone(rowOf(a, 'b'))
  await a.getByText('No peers yet').waitFor()
})

inBrowser('b sees that it is not connected any more, and why', async () => {
  await rowOf(b, 'a').getByText('Disconnected', { exact: true }).waitFor()
  await rowOf(b, 'a').getByText('removed').waitFor()
  expect(await rowOf(b, 'a').getByText('Connected · ws').count()).toBe(0)
  await accessible(b)
})

inBrowser('all the while neither page had anything to complain about', () => {
  expect(complaints).toEqual([[], []])
})
