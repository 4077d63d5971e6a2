// @ts-check
/** `make teardown`: clusters, volumes, images and what we remember of them. Also after half a deploy. */
import { rmSync } from 'node:fs'
import { agentImage, sampleImage, sampleNames } from './places.mjs'

export async function teardown(
  /** @type {import('./session.mjs').Session} */ { driver, steps, memory, dir },
) {
  const { driver: made, built = [] } = memory.read()
  if (made === undefined) {
    rmSync(dir, { recursive: true, force: true })
    steps.print('There is nothing here to tear down.')
    return
  }
  await driver.check()
  await steps.run('Removed the clusters, with everything in them', () => driver.remove())
  const agents = ['dev', ...built].map((tag) => `${agentImage}:${tag}`)
  await steps.run('Removed the images', () =>
    driver.forgetImages([...agents, ...sampleNames.map(sampleImage)]),
  )
  rmSync(dir, { recursive: true, force: true })
}
