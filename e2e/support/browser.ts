/** A real Chromium, and what it finds wrong with a page. */
import { existsSync } from 'node:fs'
import AxeBuilder from '@axe-core/playwright'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Where it is installed (`CHROMIUM` names another place); `undefined` when it is not. */
export const chromiumPath = [process.env['CHROMIUM'] ?? '', ...places].find((path) =>
  existsSync(path),
)
const why = chromiumPath === undefined ? ' (skipped: no chromium; apt-get install chromium)' : ''

/** A test with a browser; without one it is skipped and says why. */
export function inBrowser(name: string, body: () => void | Promise<void>): void {
  test.skipIf(chromiumPath === undefined)(`${name}${why}`, body)
}

/**
 * One browser for all tests of a file. What `prepare` starts beside it, before the first of them, is ended by what it
 * gives back. Without a browser nothing starts.
 */
export function beforeAllInBrowser(
  prepare: (browser: Browser) => Promise<() => Promise<void>>,
): void {
  const endings: (() => Promise<void>)[] = []
  beforeAll(async () => {
    if (chromiumPath === undefined) return
    const browser = await launchChromium(chromiumPath)
    endings.push(() => browser.close())
    endings.push(await prepare(browser))
  })
  afterAll(async () => {
    for (const end of endings) await end()
  })
}

export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
}

export interface OpenPage {
  readonly page: Page
  /** Everything so far; see `complaintsOf`. */
  readonly complaints: readonly string[]
}

/** Of a person of their own: nobody else's cookies. */
export async function openPage(browser: Browser): Promise<OpenPage> {
  const page = await (await browser.newContext()).newPage()
  page.setDefaultTimeout(20_000)
  return { page, complaints: complaintsOf(page) }
}

/** What the page complains about from now on: errors of scripts, refused resources, breaches of its security policy. */
function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  return complaints
}

/** Until whatever moves has arrived, or is gone. What moves for ever, as the cursor of a terminal does, is not waited for. */
export async function stillness(page: Page): Promise<void> {
  const ends = '(one) => one.effect?.getComputedTiming().iterations !== Infinity'
  await page.evaluate(
    `Promise.allSettled(document.getAnimations().filter(${ends}).map((one) => one.finished)).then(() => 0)`,
  )
}

const themes = ['light', 'dark'] as const

export async function expectAccessible(
  page: Page,
  checked: readonly (typeof themes)[number][] = themes,
): Promise<void> {
  for (const [nth, colorScheme] of checked.entries()) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const scheme = page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`)
    await scheme.waitFor({ state: 'attached' })
    // A colour that is still on its way to the other theme is nobody's choice.
    await stillness(page)
    const axe = new AxeBuilder({ page })
    // Names, roles and order are those of the page, whatever its colours.
    if (nth > 0) axe.withRules(['color-contrast', 'link-in-text-block'])
    const { violations } = await axe.analyze()
    const found = violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary ?? ''}`),
    )
    expect(found, `${page.url()} in the ${colorScheme} theme`).toEqual([])
  }
}
