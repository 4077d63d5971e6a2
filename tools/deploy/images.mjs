// @ts-check
/** The agent's image and the samples, built from the working tree. */
import { agentImage, root, sampleImage, sampleNames } from './places.mjs'

/**
 * The agent's tag says what is in it: an unchanged image rolls nobody, a changed one everybody.
 *
 * @param {string} id `sha256:…`, or without the algorithm as Podman prints it
 */
export const agentTag = (id) =>
  `dev-${id
    .trim()
    .replace(/^sha256:/, '')
    .slice(0, 12)}`

/**
 * @typedef {object} Builder
 * @property {(args: readonly string[]) => Promise<string>} engine
 * @property {import('./steps.mjs').Steps} steps
 * @property {(image: string) => Promise<void>} load
 */

/**
 * Builds and loads all three.
 *
 * @param {Builder} deps
 * @returns {Promise<string>} the tag of the agent's image
 */
export async function buildImages({ engine, steps, load }) {
  const draft = `${agentImage}:dev`
  const tag = await steps.run("Built the agent's image", async (say) => {
    // No REVISION: a commit that changes nothing in the image must not restart anybody.
    await engine(['build', '--file', `${root}deploy/Dockerfile`, '--tag', draft, root])
    const built = agentTag(await engine(['image', 'inspect', '--format', '{{.Id}}', draft]))
    await engine(['tag', draft, `${agentImage}:${built}`])
    say(built)
    return built
  })
  await steps.run(`Built the sample images ${sampleNames.join(' and ')}`, async () => {
    for (const name of sampleNames) {
      const source = ['--build-arg', `PORPULSION=${draft}`, '--target', name]
      await engine(['build', ...source, '--tag', sampleImage(name), `${root}deploy/sample`])
    }
  })
  await steps.run('Brought the images to the clusters', async () => {
    for (const image of [`${agentImage}:${tag}`, ...sampleNames.map(sampleImage)]) await load(image)
  })
  return tag
}
