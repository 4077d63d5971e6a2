/** A real Chromium, and what it finds wrong with a page. */
import { existsSync } from 'node:fs'
import AxeBuilder from '@axe-core/playwright'
import { chromium, type Browser, type Page } from 'playwright-core'
import { expect } from 'vitest'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Where it is installed (`CHROMIUM` names another place); `undefined` when it is not. */
export const chromiumPath = [process.env['CHROMIUM'] ?? '', ...places].find((path) =>
  existsSync(path),
)

export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
}

/** What the page complains about from now on: errors of scripts, refused resources, breaches of its security policy. */
export function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  return complaints
}

/** Checked in both themes. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const scheme = page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`)
    await scheme.waitFor({ state: 'attached' })
    // A colour that is still on its way to the other theme is nobody's choice.
    await page.evaluate(
      'Promise.all(document.getAnimations().map((one) => one.finished)).then(() => 0)',
    )
    const { violations } = await new AxeBuilder({ page }).analyze()
    const found = violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary ?? ''}`),
    )
    expect(found, `${page.url()} in the ${colorScheme} theme`).toEqual([])
  }
}
