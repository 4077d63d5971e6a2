// @ts-check
/** What `PEER=1` adds: every pair of clusters is peered, and one app runs. Declared, as with GitOps: no invite, no session. */
import { nodePorts } from './places.mjs'
import { Refusal } from './refusal.mjs'

const apiVersion = 'porpulsion.io/v1alpha1'
const waitSeconds = 90

/** @template T @param {readonly T[]} items @returns {[T, T][]} */
export const pairsOf = (items) =>
  items.flatMap((one, at) =>
    items.slice(at + 1).map((other) => /** @type {[T, T]} */ ([one, other])),
  )

/**
 * Both operators are the same person and hold both kubeconfigs: nothing is left to compare.
 *
 * @param {{ readonly name: string, readonly address: string, readonly caCertificate: string }} peer
 */
export const declaredPeer = ({ name, address, caCertificate }) => ({
  apiVersion,
  kind: 'Peer',
  metadata: { name },
  spec: { url: `http://${address}:${nodePorts.peer}`, caCertificate, confirmed: true },
})

/** @param {string} targetPeer */
const helloApp = (targetPeer) => ({
  apiVersion,
  kind: 'RemoteApp',
  metadata: { name: 'hello' },
  spec: { targetPeer, image: 'porpulsion/hello', ports: [{ name: 'http', port: 8080 }] },
})

/**
 * @typedef {import('./cluster.mjs').Cluster & { readonly address: string }} Reached
 * @param {readonly Reached[]} clusters
 * @param {import('./steps.mjs').Steps} steps
 */
export async function peerAll(clusters, steps) {
  for (const [one, other] of pairsOf(clusters)) {
    await steps.run(`${one.name} and ${other.name} are peers`, async () => {
      const [there, here] = await Promise.all([declare(one, other), declare(other, one)])
      await Promise.all([linked(one, there), linked(other, here)])
    })
  }
}

/**
 * @param {Reached} at
 * @param {Reached} peer
 * @returns {Promise<string>} the name it has there
 */
async function declare(at, peer) {
  /** @type {{ readonly items: readonly { metadata: { name: string }, spec: { caCertificate: string } }[] }} */
  const { items } = await at.get(['peers.porpulsion.io'])
  const caCertificate = await caOf(peer)
  // They may have been peered by invite, under whatever name.
  const known = items.find(({ spec }) => spec.caCertificate.trim() === caCertificate.trim())
  if (known !== undefined) return known.metadata.name
  const wanted = declaredPeer({ name: peer.name, address: peer.address, caCertificate })
  await at.kubectl(['create', '--filename', '-'], JSON.stringify(wanted))
  return peer.name
}

/** @returns {Promise<string>} */
async function caOf(/** @type {Reached} */ { get }) {
  const { data } = await get(['secret', 'porpulsion-identity'])
  return Buffer.from(data['ca.crt'], 'base64').toString()
}

async function linked(/** @type {Reached} */ at, /** @type {string} */ name) {
  const limit = `--timeout=${waitSeconds}s`
  try {
    await at.kubectl(['wait', '--for=condition=Ready', `peers.porpulsion.io/${name}`, limit])
  } catch (cause) {
    const { status } = await at.get(['peers.porpulsion.io', name])
    const why = status?.linkMessage ?? 'nothing is known of the link yet'
    throw new Refusal(`${at.name} has no link to ${name}: ${why}`, { cause })
  }
}

/**
 * @param {readonly Reached[]} clusters
 * @param {import('./steps.mjs').Steps} steps
 */
export async function runHello([submitter, host], steps) {
  if (submitter === undefined || host === undefined) return
  await steps.run(`${submitter.name} runs the app "hello" at ${host.name}`, async () => {
    const { items } = await submitter.get(['remoteapps.porpulsion.io'])
    const isThere = items.some(
      (/** @type {{ metadata: { name: string } }} */ { metadata }) => metadata.name === 'hello',
    )
    const app = JSON.stringify(helloApp(host.name))
    if (!isThere) await submitter.kubectl(['create', '--filename', '-'], app)
    const limit = `--timeout=${waitSeconds}s`
    await submitter.kubectl([
      'wait',
      '--for=condition=Ready',
      'remoteapps.porpulsion.io/hello',
      limit,
    ])
  })
}
