/**
 * `make test`: unit, property, compliance and package tests, then stories with whole processes. Installs what is
 * missing, or says what it skips and why. Ends with `N passed, N failed, N skipped`.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { delimiter, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findProgram, install, installProxies, mayInstall } from './debian.mjs'
import { findKubectl, installHelm, installKubectl } from './kubectl.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const results = join(root, '.cache/test')
/** `node tools/test.mjs packages/cli demo`: only test files whose path holds one of these words. */
const only = process.argv.slice(2)
const say = (text) => process.stdout.write(`${text}\n`)

const env = { ...process.env, ...kubectl(), ...helm(), ...chromium() }
installProxies(say)
rmSync(results, { recursive: true, force: true })
mkdirSync(results, { recursive: true })
const suites = [
  suite('unit', 'vitest.config.ts'),
  ...(existsSync(join(root, 'e2e')) ? [suite('e2e', 'vitest.e2e.config.ts')] : []),
]
const sum = (key) => suites.reduce((total, one) => total + one[key], 0)
// Once more, as what each said stands far above.
for (const failure of suites.flatMap(({ failures }) => failures)) say(`\nFailed: ${failure}`)
say(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`)
process.exit(sum('failed') === 0 ? 0 : 1)

/** Runs one suite with its output shown, and counts from its report. */
function suite(name, config) {
  say(`\nRunning the ${name} tests…`)
  const report = join(results, `${name}.json`)
  const args = [
    join(root, 'node_modules/vitest/vitest.mjs'),
    ...['run', '--config', config, ...only, ...(only.length > 0 ? ['--passWithNoTests'] : [])],
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  ]
  const { status } = spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' })
  return counted(name, status, report)
}

function counted(name, status, report) {
  const counts = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : {}
  const failures = (counts.testResults ?? []).flatMap(failuresOf)
  const failed = failures.length
  const passed = counts.numPassedTests ?? 0
  const skipped = (counts.numPendingTests ?? 0) + (counts.numTodoTests ?? 0)
  if (status === 0 || failed > 0) return { passed, failed, skipped, failures }
  // An error between tests, or a runner that crashed: no test, but a failure.
  say(`The ${name} tests ended with exit code ${status}, though no single test failed; see above.`)
  return { passed, failed: 1, skipped, failures }
}

/** The failed tests of a file, and the file itself where it could not be loaded: each with what it said. */
function failuresOf({ name, message, assertionResults }) {
  const file = relative(root, name)
  const failed = assertionResults.filter(({ status }) => status === 'failed')
  const tests = failed.map(
    (one) => `${file} > ${one.fullName}\n${one.failureMessages.map(ownLines).join('\n')}`,
  )
  return message === '' ? tests : [`${file}\n${message}`, ...tests]
}

function ownLines(text) {
  const lines = text.split('\n')
  return lines.filter((line) => !line.includes('node_modules')).join('\n')
}

/** For the tests that ask a real client what it thinks of our API server. */
function kubectl() {
  try {
    if (findKubectl() === undefined) say('Fetching kubectl for the tests (once)…')
    const file = installKubectl()
    return { KUBECTL: file, PATH: `${dirname(file)}${delimiter}${process.env.PATH ?? ''}` }
  } catch (error) {
    say(`Skipping the tests with kubectl: ${error.message}`)
    return {}
  }
}

/** For the tests of the chart. It comes with kubectl. */
function helm() {
  try {
    return { HELM: installHelm() }
  } catch (error) {
    say(`Skipping the tests with helm: ${error.message}`)
    return {}
  }
}

/** For the tests that open the page. */
function chromium() {
  const found = findChromium()
  if (found !== undefined) return { CHROMIUM: found }
  if (mayInstall) {
    say('Installing chromium for the tests with the page (once)…')
    if (install('chromium')) return { CHROMIUM: findChromium() }
  }
  say('Skipping the tests with a browser: there is no chromium, and none could be installed')
  return {}
}

function findChromium() {
  return process.env.CHROMIUM ?? findProgram(['chromium', 'chromium-browser', 'google-chrome'])
}
