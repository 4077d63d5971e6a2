// @ts-check
/** The chart in one cluster, and the way to the agent's page. */
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { agentImage, namespace, nodePorts, root } from './places.mjs'
import { CommandFailed } from './command-runner.mjs'
import { Refusal } from './refusal.mjs'

const chart = join(root, 'charts/porpulsion')
const rolloutSeconds = 180
const pageMs = 30_000

/** @param {{ readonly name: string, readonly address: string, readonly tag: string }} agent */
export const releaseValues = ({ name, address, tag }) => ({
  image: { repository: agentImage, tag },
  agent: {
    agentName: name,
    // Outside of the containers nobody sees this network, and trust comes from the TLS inside.
    selfUrl: `http://${address}:${nodePorts.peer}`,
    allowInsecureUrl: true,
  },
  service: { peerType: 'NodePort', peerNodePort: nodePorts.peer },
})

/** Not in the chart, which shows the page to nobody outside: here a port of the node ends at this machine's loopback. */
const pageService = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: `${namespace}-page`, namespace },
  spec: {
    type: 'NodePort',
    selector: {
      'app.kubernetes.io/name': namespace,
      'app.kubernetes.io/instance': namespace,
      'app.kubernetes.io/component': 'agent',
    },
    ports: [{ name: 'page', port: 8000, targetPort: 'dashboard', nodePort: nodePorts.page }],
  },
}

/**
 * @param {import('./cluster.mjs').Cluster} cluster
 * @param {{ readonly address: string, readonly tag: string }} agent
 */
export async function installRelease(cluster, { address, tag }) {
  await forgetInterrupted(cluster)
  await cluster.helm(
    ['upgrade', '--install', namespace, chart, '--create-namespace', '--values', '-'],
    JSON.stringify(releaseValues({ name: cluster.name, address, tag })),
  )
  await cluster.kubectl(
    ['apply', '--server-side', '--field-manager', 'porpulsion-deploy', '--filename', '-'],
    JSON.stringify(pageService),
  )
  await rolledOut(cluster)
}

/**
 * A helm that was killed leaves a release on which "another operation is in progress", for ever. What it made stays, and
 * the next helm adopts it.
 */
async function forgetInterrupted(/** @type {import('./cluster.mjs').Cluster} */ { kubectl }) {
  const interrupted = 'status in (pending-install,pending-upgrade,pending-rollback)'
  const selector = `owner=helm,name=${namespace},${interrupted}`
  await kubectl(['delete', 'secrets', '--ignore-not-found', '--selector', selector])
}

async function rolledOut(/** @type {import('./cluster.mjs').Cluster} */ cluster) {
  const limit = `--timeout=${rolloutSeconds}s`
  try {
    await cluster.kubectl(['rollout', 'status', `deployment/${namespace}`, limit])
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error
    const seen = await whatIsWrong(cluster)
    throw new CommandFailed(`Agent ${cluster.name} does not become ready.\n${seen}`, error)
  }
}

/** What a person would look at next. */
async function whatIsWrong(/** @type {import('./cluster.mjs').Cluster} */ { kubectl }) {
  const look = (/** @type {string[]} */ ...args) => kubectl(args).catch(() => '')
  const pods = await look('get', 'pods', '--output', 'wide')
  const events = await look('get', 'events', '--sort-by', '.lastTimestamp')
  const log = ['logs', `deployment/${namespace}`, '--tail=10']
  const said = (await look(...log, '--previous')) || (await look(...log))
  const lastEvents = events.trimEnd().split('\n').slice(-6).join('\n')
  return [pods, lastEvents, said].map((text) => text.trimEnd()).join('\n\n')
}

/** Waits until the page answers through the port people use. */
export async function pageAnswers(/** @type {number} */ port, /** @type {AbortSignal} */ signal) {
  for (const untilMs = Date.now() + pageMs; ; await sleep(250, undefined, { signal })) {
    const found = await statusOf(port, signal)
    if (found === 200) return
    signal.throwIfAborted()
    if (Date.now() > untilMs)
      throw new Refusal(`No agent answers at http://localhost:${port}: ${found}`)
  }
}

/** @returns {Promise<number | string>} of the answer, or why there is none */
function statusOf(/** @type {number} */ port, /** @type {AbortSignal} */ signal) {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, path: '/healthz', timeout: 2_000, signal }
    const asked = request(options, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    asked.once('timeout', () => asked.destroy(new Error('no answer')))
    asked.once('error', (error) => resolve(error.message))
    asked.end()
  })
}
