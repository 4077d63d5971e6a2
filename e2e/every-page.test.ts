/**
 * Every page of the dashboard, with an agent whose every word is an attack, and two of everything: nothing of it is more
 * than text, nothing breaks, and each page is for everybody, on every screen.
 */
import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { beforeAllInBrowser, expectAccessible, inBrowser, openPage } from './support/browser.ts'
import { startFakeAgent, type FakeAgent } from './support/fake-agent.ts'
import { attack, hostileAnswers } from './support/hostile-answers.ts'

let agent: FakeAgent
let page: Page
let complaints: readonly string[]

beforeAllInBrowser(async (browser) => {
  agent = await startFakeAgent({ answers: hostileAnswers() })
  ;({ page, complaints } = await openPage(browser))
  return () => agent.close()
})

const name = encodeURIComponent(`${attack}0`)
const namespace = encodeURIComponent(attack)
const app = `/workloads/${namespace}/${name}`
const hosted = `/hosted/${namespace}/${name}`

const places = [
  '/',
  '/peers',
  '/peers?add=invite',
  '/peers?add=connect',
  `/peers/${name}`,
  '/workloads',
  '/workloads?view=executing',
  '/workloads?group=peer',
  app,
  ...['logs', 'terminal', 'spec', 'config', 'metrics', 'audit'].map((tab) => `${app}?tab=${tab}`),
  hosted,
  '/deploy',
  '/approvals',
  `/approvals?id=${name}`,
  '/settings',
  '/notifications',
  '/audit',
  '/access?tab=users',
  '/access?tab=tokens',
  '/access?tab=sessions',
  '/access?tab=identity',
  '/reference',
  '/no-such-page',
]

async function open(place: string): Promise<void> {
  await page.goto(new URL(place, agent.url).href)
  await page.getByRole('heading').first().waitFor()
  await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' })
  // What a page reads once it is there.
  await page.waitForLoadState('networkidle', { timeout: 2_000 }).catch(() => undefined)
}

describe.each(places)('%s', (place) => {
  inBrowser('shows words of others as words', async () => {
    const before = complaints.length
    await open(place)
    expect(await page.evaluate('window.hacked')).toBeUndefined()
    expect(await page.locator('img[src="x"], a[href^="javascript:" i]').count()).toBe(0)
    expect(complaints.slice(before)).toEqual([])
    await page.getByRole('heading', { name: 'This page failed' }).waitFor({ state: 'detached' })
  })

  inBrowser('can be used by everybody, in both themes', async () => {
    await expectAccessible(page)
  })

  inBrowser('fits a phone', async () => {
    const desk = page.viewportSize() ?? { width: 1280, height: 720 }
    await page.setViewportSize({ width: 360, height: 740 })
    try {
      await open(place)
      const widest = await page.evaluate<number>('document.documentElement.scrollWidth')
      expect(widest).toBeLessThanOrEqual(360)
    } finally {
      await page.setViewportSize(desk)
    }
  })
})

inBrowser('the attack was there to be seen', async () => {
  await open('/workloads')
  await page.getByText('window.hacked=1').first().waitFor()
})
