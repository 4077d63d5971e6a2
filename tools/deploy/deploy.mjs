// @ts-check
/** `make deploy` and `make redeploy`: each step looks at what is there, so that running it again does what is missing. */
import { relative } from 'node:path'
import { writeKubeconfig } from './cluster.mjs'
import { buildImages } from './images.mjs'
import { nextSteps } from './next-steps.mjs'
import { peerAll, runHello } from './peering.mjs'
import { agentImage, clusters as places, root } from './places.mjs'
import { installRelease, pageAnswers } from './release.mjs'

/** @typedef {import('./session.mjs').Session} Session */
/** @typedef {import('./peering.mjs').Reached} Reached */

export async function deploy(/** @type {Session} */ session) {
  const { driver, steps, env } = session
  const sinceMs = Date.now()
  await driver.check()
  const names = places.map(({ name }) => name).join(', ')
  // kubectl and helm first: without them nothing needs to be started.
  const clusters = session.clusters()
  await steps.run(`Started ${driver.clusters}: ${names}`, () => start(session))
  const reached = await install(session, clusters)
  if (isSet(env['PEER'])) {
    await peerAll(reached, steps)
    await runHello(reached, steps)
  }
  steps.print(`Done in ${Math.round((Date.now() - sinceMs) / 1_000)} s.`)
  steps.print(await nextSteps(clusters, { arePeers: isSet(env['PEER']), shown: relativeToHere }))
}

export async function redeploy(/** @type {Session} */ session) {
  const clusters = session.deployed()
  await session.driver.check()
  await install(session, clusters)
}

async function start(/** @type {Session} */ { driver, dir }) {
  await driver.start()
  for (const { name } of places) writeKubeconfig(dir, name, await driver.kubeconfig(name))
}

/**
 * From the working tree into every cluster.
 *
 * @param {Session} session
 * @param {readonly import('./cluster.mjs').Cluster[]} clusters
 * @returns {Promise<Reached[]>}
 */
async function install({ driver, steps, memory, signal }, clusters) {
  const { tag: before, built = [] } = memory.read()
  const { engine, load } = driver
  const tag = await buildImages({ engine, steps, load })
  memory.add({ built: [...new Set([...built, tag])] })
  const reached = await allOf(
    clusters.map(async (cluster) => {
      const address = await driver.address(cluster.name)
      const there = { ...cluster, address }
      await steps.run(`Agent ${cluster.name} runs`, () => installRelease(there, { address, tag }))
      return there
    }),
  )
  await steps.run('The pages answer', async () => {
    await driver.openPages()
    await Promise.all(clusters.map(({ pagePort }) => pageAnswers(pagePort, signal)))
  })
  if (before === tag) steps.print('The image is the one from before: no agent had to restart.')
  await driver.forgetImages(built.filter((one) => one !== tag).map((one) => `${agentImage}:${one}`))
  memory.add({ tag, built: [tag] })
  return reached
}

/** As Promise.all, but nothing is left running when it fails: what is said last is why. */
async function allOf(/** @type {Promise<Reached>[]} */ works) {
  await Promise.allSettled(works)
  return Promise.all(works)
}

const isSet = (/** @type {string | undefined} */ value = '') => !['', '0', 'no'].includes(value)

const relativeToHere = (/** @type {string} */ file) => {
  const path = relative(root, file)
  return path.startsWith('..') ? file : path
}
