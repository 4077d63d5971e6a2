// @ts-check
/** kubectl and helm of one cluster. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { namespace } from './places.mjs'

/**
 * @typedef {object} Cluster
 * @property {string} name
 * @property {number} pagePort
 * @property {string} kubeconfig
 * @property {(args: readonly string[], input?: string) => Promise<string>} kubectl in the agent's namespace
 * @property {(args: readonly string[], input?: string) => Promise<string>} helm
 * @property {(args: readonly string[]) => Promise<any>} get the JSON of what `kubectl get` finds
 */

/** An API server that is gone must not hold up a look at the others. */
const patienceSeconds = 10

/**
 * @param {import('./places.mjs').ClusterPlace} place
 * @param {{ readonly run: import('./command-runner.mjs').Run, readonly dir: string, readonly kubectl: string, readonly helm: string }} deps
 * @returns {Cluster}
 */
export function clusterAt({ name, pagePort }, { run, dir, kubectl, helm }) {
  const kubeconfig = kubeconfigFile(dir, name)
  const where = ['--kubeconfig', kubeconfig, '--namespace', namespace]
  return {
    name,
    pagePort,
    kubeconfig,
    kubectl: (args, input = '') => run(kubectl, [...where, ...args], { input }),
    helm: (args, input = '') => run(helm, [...where, ...args], { input }),
    async get(args) {
      const patience = `--request-timeout=${patienceSeconds}s`
      const list = [...where, patience, 'get', ...args, '--output', 'json']
      // Also Secrets are read this way.
      return JSON.parse(await run(kubectl, list, { isSecret: true }))
    },
  }
}

export const kubeconfigFile = (/** @type {string} */ dir, /** @type {string} */ name) =>
  join(dir, `${name}.kubeconfig`)

export function writeKubeconfig(
  /** @type {string} */ dir,
  /** @type {string} */ name,
  /** @type {string} */ text,
) {
  writeFileSync(kubeconfigFile(dir, name), text, { mode: 0o600 })
}
