// @ts-check
/** Real clusters from a folder of scripts, images by Podman. What that folder holds: choose-driver.mjs. */
import { spawn } from 'node:child_process'
import { existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { clusters, nodePorts } from './places.mjs'
import { Refusal } from './refusal.mjs'

const scripts = ['start.sh', 'stop.sh', 'load-image.sh', 'env.sh']
const forwarder = fileURLToPath(new URL('port-forwarder.mjs', import.meta.url))
const portWaitMs = 5_000

/**
 * @param {Extract<import('./choose-driver.mjs').DriverChoice, { kind: 'testbed' }>} choice
 * @param {import('./drivers.mjs').DriverDeps} deps
 * @returns {import('./drivers.mjs').Driver}
 */
export function testbedDriver({ folder, prefix, firstIndex }, { run, dir }) {
  const env = { RK: folder }
  const named = (/** @type {string} */ name) => `${prefix}${name}`
  const script = (/** @type {string} */ file, /** @type {string[]} */ ...args) =>
    run(join(folder, file), args, { env })
  const withTools = (/** @type {readonly string[]} */ command) =>
    run('bash', ['-c', '. "$RK/env.sh" "$0" && exec "$@"', named('a'), ...command], { env })
  const kubeconfigFile = (/** @type {string} */ name) => join(folder, named(name), 'kubeconfig')
  const address = async (/** @type {string} */ name) => {
    const path = '{.items[0].status.addresses[?(@.type=="InternalIP")].address}'
    const get = ['get', 'nodes', '--output', `jsonpath=${path}`]
    return (await withTools(['kubectl', '--kubeconfig', kubeconfigFile(name), ...get])).trim()
  }

  return {
    clusters: 'clusters of the testbed',

    check() {
      const missing = scripts.find((file) => !existsSync(join(folder, file)))
      if (missing !== undefined) throw new Refusal(`RK=${folder} holds no ${missing}`)
      return Promise.resolve()
    },

    async start() {
      // One after the other: they share a registry, and the first of them starts it.
      for (const [at, { name }] of clusters.entries())
        await script('start.sh', named(name), String(firstIndex + at))
    },

    kubeconfig: (name) => Promise.resolve(readFileSync(kubeconfigFile(name), 'utf8')),

    address,

    async openPages() {
      for (const { name, pagePort } of clusters)
        await startForwarder(dir, name, pagePort, await address(name))
    },

    engine: (args) => withTools(['podman', ...args]),

    async load(image) {
      await script('load-image.sh', image, ...clusters.map(({ name }) => named(name)))
    },

    async remove() {
      for (const { name } of clusters) {
        stopForwarder(dir, name)
        if (existsSync(join(folder, named(name), 'index')))
          await script('stop.sh', named(name), '--delete')
      }
    },

    forgetImages: () => Promise.resolve(), // Podman's store may serve other clusters of the testbed
  }
}

const pidFile = (/** @type {string} */ dir, /** @type {string} */ name) =>
  join(dir, `${name}.forwarder`)

/** A process of its own that outlives us, as the published port of a container does. */
async function startForwarder(
  /** @type {string} */ dir,
  /** @type {string} */ name,
  /** @type {number} */ port,
  /** @type {string} */ address,
) {
  const args = [forwarder, String(port), address, String(nodePorts.page)]
  if (commandLineOf(dir, name)?.includes(args.join('\0')) === true) return
  stopForwarder(dir, name)
  await isFree(name, port)
  const log = join(dir, 'forwarders.log')
  const output = openSync(log, 'a')
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', output, output] })
  child.unref()
  writeFileSync(pidFile(dir, name), String(child.pid))
  for (const untilMs = Date.now() + portWaitMs; !(await answers(port)); await sleep(50))
    if (Date.now() > untilMs) throw new Refusal(`Nothing listens at port ${port}: ${log}`)
}

/** Our last one may need a moment to be gone; somebody else stays. */
async function isFree(/** @type {string} */ name, /** @type {number} */ port) {
  for (const untilMs = Date.now() + portWaitMs; await answers(port); await sleep(50)) {
    if (Date.now() > untilMs)
      throw new Refusal(`Port ${port} of this machine is taken; the page of ${name} belongs there`)
  }
}

function stopForwarder(/** @type {string} */ dir, /** @type {string} */ name) {
  // The number may belong to another process by now.
  if (commandLineOf(dir, name)?.includes(forwarder) === true) process.kill(recordedPid(dir, name))
  rmSync(pidFile(dir, name), { force: true })
}

/** Of the process whose number is recorded, if there is one. */
function commandLineOf(/** @type {string} */ dir, /** @type {string} */ name) {
  if (!existsSync(pidFile(dir, name))) return undefined
  const file = `/proc/${recordedPid(dir, name)}/cmdline`
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

const recordedPid = (/** @type {string} */ dir, /** @type {string} */ name) =>
  Number(readFileSync(pidFile(dir, name), 'utf8'))

/** @returns {Promise<boolean>} */
function answers(/** @type {number} */ port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
