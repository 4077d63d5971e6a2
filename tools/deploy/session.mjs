// @ts-check
/** What every command has at hand, and what one leaves for the next. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installHelm, installKubectl } from '../kubectl.mjs'
import { chooseDriver } from './choose-driver.mjs'
import { clusterAt, kubeconfigFile } from './cluster.mjs'
import { createDriver } from './drivers.mjs'
import { clusters } from './places.mjs'
import { Refusal } from './refusal.mjs'
import { createSteps } from './steps.mjs'

/**
 * @typedef {object} Session
 * @property {NodeJS.ProcessEnv} env
 * @property {string} dir
 * @property {AbortSignal} signal
 * @property {import('./command-runner.mjs').Run} run
 * @property {import('./steps.mjs').Steps} steps
 * @property {import('./drivers.mjs').Driver} driver
 * @property {() => import('./cluster.mjs').Cluster[]} clusters kubectl and helm for each
 * @property {() => boolean} isDeployed
 * @property {() => import('./cluster.mjs').Cluster[]} deployed clusters, or a Refusal where there are none
 * @property {Memory} memory
 */

/**
 * @typedef {object} Remembered
 * @property {import('./choose-driver.mjs').DriverChoice} [driver]
 * @property {string} [tag] of the agent's image that runs
 * @property {readonly string[]} [built] tags there may still be images of
 */

/** @typedef {{ readonly read: () => Remembered, readonly add: (more: Remembered) => void }} Memory */

/**
 * @param {Pick<Session, 'env' | 'dir' | 'run' | 'signal'>} deps
 * @returns {Session}
 */
export function openSession({ env, dir, run, signal }) {
  const memory = memoryIn(dir)
  const choice = chooseDriver(env, memory.read().driver)
  const driver = createDriver(choice, { run, dir })
  const steps = createSteps({
    write: (text) => process.stdout.write(text),
    nowMs: () => performance.now(),
  })
  const withTools = () => {
    const tools = { kubectl: tool('kubectl', installKubectl), helm: tool('helm', installHelm) }
    return clusters.map((place) => clusterAt(place, { run, dir, ...tools }))
  }
  const isDeployed = () => clusters.every(({ name }) => existsSync(kubeconfigFile(dir, name)))
  return {
    ...{ env, dir, signal, run, steps, memory, isDeployed, clusters: withTools },
    driver: {
      ...driver,
      async start() {
        // Before there is anything: whoever is interrupted tears down what he began.
        memory.add({ driver: choice })
        await driver.start()
      },
    },
    deployed() {
      if (!isDeployed()) throw new Refusal('There are no clusters here: make deploy starts them')
      return withTools()
    },
  }
}

/** @returns {Memory} */
function memoryIn(/** @type {string} */ dir) {
  const file = join(dir, 'state.json')
  const read = () => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {})
  return { read, add: (more) => writeFileSync(file, JSON.stringify({ ...read(), ...more })) }
}

/** @param {string} name @param {() => string} install */
function tool(name, install) {
  try {
    return install()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Refusal(`${why}\nInstall ${name} and run this again`)
  }
}
