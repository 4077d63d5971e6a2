// @ts-check
/** `make logs`: what the agents say, each line with its cluster's name. `CLUSTER=a` picks one, `FOLLOW=0` ends at the end. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { installKubectl } from '../kubectl.mjs'
import { namespace } from './places.mjs'
import { Refusal } from './refusal.mjs'

/** Of what was said before we came. */
const tailLines = 50
const againMs = 1_000

export async function followLogs(/** @type {import('./session.mjs').Session} */ session) {
  const { env, signal } = session
  const clusters = session.deployed()
  const chosen = clusters.filter(({ name }) => !env['CLUSTER'] || name === env['CLUSTER'])
  if (chosen.length === 0) {
    const names = clusters.map(({ name }) => name).join(', ')
    throw new Refusal(`There is no cluster "${env['CLUSTER']}": CLUSTER is one of ${names}`)
  }
  const follow = !['0', 'no'].includes(env['FOLLOW'] ?? '')
  await Promise.all(chosen.map((cluster) => showLog(cluster, { follow, signal })))
}

/**
 * @param {import('./cluster.mjs').Cluster} cluster
 * @param {{ readonly follow: boolean, readonly signal: AbortSignal }} options
 */
async function showLog({ name, kubeconfig }, { follow, signal }) {
  let since = ''
  const show = (/** @type {string} */ line) => {
    const [, time = '', text = line] = /^(\d{4}-\S+Z) (.*)$/.exec(line) ?? []
    // Each new look begins with the second the last one ended in.
    if (time !== '' && time <= since) return
    if (time !== '') since = time
    process.stdout.write(`${name} | ${text}\n`)
  }
  let lastComplaint = ''
  const complain = (/** @type {string} */ line) => {
    // While a cluster is gone kubectl says so at every attempt.
    if (line !== lastComplaint) process.stdout.write(`${name} | ${line}\n`)
    lastComplaint = line
  }
  // A log ends with its pod: after a restart or a redeploy the next pod is followed.
  do {
    const from = since === '' ? [`--tail=${tailLines}`] : [`--since-time=${since}`]
    const args = ['logs', '--timestamps', `deployment/${namespace}`, ...from]
    await print([...where(kubeconfig), ...args, ...(follow ? ['--follow'] : [])], {
      show,
      complain,
      signal,
    })
    if (follow) await sleep(againMs, undefined, { signal }).catch(() => undefined)
  } while (follow && !signal.aborted)
}

const where = (/** @type {string} */ kubeconfig) => [
  '--kubeconfig',
  kubeconfig,
  '--namespace',
  namespace,
]

/**
 * @param {readonly string[]} args
 * @param {{ readonly show: (line: string) => void, readonly complain: (line: string) => void, readonly signal: AbortSignal }} options
 */
async function print(args, { show, complain, signal }) {
  const child = spawn(installKubectl(), args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const stop = () => child.kill()
  signal.addEventListener('abort', stop, { once: true })
  const closed = once(child, 'close')
  createInterface(child.stderr).on('line', complain)
  for await (const line of createInterface(child.stdout)) show(line)
  await closed
  signal.removeEventListener('abort', stop)
}
