// @ts-check
/** What is where: the three clusters, the ports by which people and peers reach them, and the names of the images. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * @typedef {object} ClusterPlace
 * @property {string} name how it introduces itself to peers
 * @property {number} pagePort where its page is, on this machine's loopback
 */

/** @type {readonly ClusterPlace[]} */
export const clusters = [
  { name: 'a', pagePort: 18_001 },
  { name: 'b', pagePort: 18_002 },
  { name: 'c', pagePort: 18_003 },
]

/** The same in every cluster: each has addresses of its own. */
export const nodePorts = { page: 30_800, peer: 30_801 }

/** The release and its namespace have one name, as in all our documents. */
export const namespace = 'porpulsion'

/** Without the tag. In full, because Docker and Podman complete short names differently. */
export const agentImage = 'docker.io/porpulsion/porpulsion'
export const sampleNames = ['hello', 'ticker']
/** `latest`: that is what examples and people mean by `porpulsion/hello`. */
export const sampleImage = (/** @type {string} */ name) => `docker.io/porpulsion/${name}:latest`

/** Kubeconfigs, the log of what was run, and by which driver: everything a later command has to know. */
export const stateDirectory = (/** @type {NodeJS.ProcessEnv} */ env) =>
  env['DEPLOY_DIR'] ?? join(root, '.deploy')
