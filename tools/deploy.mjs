// @ts-check
/**
 * `make deploy`, `redeploy`, `logs`, `status`, `teardown`: three clusters to try Porpulsion in, of Docker Compose or
 * another driver. Needs no npm packages: the images bring their own.
 */
import { setMaxListeners } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommandFailed, createRun } from './deploy/command-runner.mjs'
import { deploy, redeploy } from './deploy/deploy.mjs'
import { followLogs } from './deploy/logs.mjs'
import { root, stateDirectory } from './deploy/places.mjs'
import { Refusal } from './deploy/refusal.mjs'
import { openSession } from './deploy/session.mjs'
import { showStatus } from './deploy/status.mjs'
import { teardown } from './deploy/teardown.mjs'

const verbs = { deploy, redeploy, logs: followLogs, status: showStatus, teardown }
/** Those that change something keep a record of what they ran. */
const logged = ['deploy', 'redeploy', 'teardown']

const [name = ''] = process.argv.slice(2)
const verb = Object.hasOwn(verbs, name)
  ? verbs[/** @type {keyof typeof verbs} */ (name)]
  : undefined
const dir = stateDirectory(process.env)
const logFile = logged.includes(name) ? join(dir, 'deploy.log') : undefined
const stopping = new AbortController()
setMaxListeners(100, stopping.signal) // one per program that runs
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.on(signal, () => stopping.abort())
// `make logs | head` is no mistake.
process.stdout.on('error', (error) => {
  if ('code' in error && error.code === 'EPIPE') process.exit(0)
  throw error
})

try {
  if (verb === undefined)
    throw new Refusal(`node tools/deploy.mjs ${Object.keys(verbs).join(' | ')}`)
  if (logFile !== undefined) {
    mkdirSync(dir, { recursive: true })
    writeFileSync(logFile, '')
  }
  const { signal } = stopping
  const run = createRun({ logFile, cwd: root, signal })
  await verb(openSession({ env: process.env, dir, run, signal }))
} catch (error) {
  // Not only the exit code: what an interrupted program started may keep its pipes to us open.
  process.exit(explain(error))
}

/** @param {unknown} error @returns {number} the exit code */
function explain(error) {
  if (stopping.signal.aborted) {
    if (logFile !== undefined)
      say(`\nInterrupted. The same command goes on; make teardown removes it.`)
    return name === 'logs' ? 0 : 130
  }
  if (error instanceof Refusal) say(error.message)
  else if (error instanceof CommandFailed) say(`\n${error.message}\n\nAll of it is in ${logFile}`)
  else throw error
  return 1
}

function say(/** @type {string} */ text) {
  process.stderr.write(`${text}\n`)
}
