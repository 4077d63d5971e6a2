/**
 * `make e2e`: the story of e2e/anywhere.test.ts on two real clusters. It deletes everything of ours at the end, and so
 * refuses clusters that have anything of ours at the start. What to set stands in CONTRIBUTING.md.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installHelm, installKubectl } from './kubectl.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const { env } = process
const fail = (message) => {
  process.stderr.write(`${message}\n`)
  process.exit(2)
}

for (const name of ['KUBECONFIG_A', 'KUBECONFIG_B']) {
  if (!env[name])
    fail(`Name a cluster: ${name}=FILE (\`make test\` tells the same to embedded ones)`)
  if (!existsSync(env[name])) fail(`${name}=${env[name]} is not there`)
}
if (!env.OUT_OF_CLUSTER) {
  const what = 'or OUT_OF_CLUSTER=1 to run the agents as processes here'
  if (!/.:[^:/]+$/.test(env.IMAGE ?? ''))
    fail(`Name the agent's image: IMAGE=repository:tag, ${what}`)
  if (!env.HOST_ADDRESS)
    fail(`Name the address under which pods reach this machine: HOST_ADDRESS=…, ${what}`)
}

const kubectl = installKubectl()
const args = ['run', '--config', 'vitest.e2e.config.ts', 'e2e/anywhere.test.ts']
const { status } = spawnSync(
  process.execPath,
  [join(root, 'node_modules/vitest/vitest.mjs'), ...args, '--reporter=verbose'],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...env,
      KUBECTL: kubectl,
      HELM: installHelm(),
      PATH: `${dirname(kubectl)}${delimiter}${env.PATH ?? ''}`,
    },
  },
)
process.exit(status ?? 1)
