/**
 * Who may import whom. Runs the rules over the packages, then over a fixture in which every rule is broken once: a
 * rule that reports nothing there has stopped working, and that fails too.
 */
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const require = createRequire(import.meta.url)
const config = require('../.dependency-cruiser.cjs')
const fixture = 'tools/boundaries-fixture'

const real = cruise('packages')
if (real.summary.totalCruised < 50)
  fail(`Only ${real.summary.totalCruised} modules were seen: the check is not looking at the code`)
if (real.summary.violations.length > 0) {
  for (const { rule, from, to } of real.summary.violations)
    console.error(`${rule.name}: ${from} → ${to}`)
  fail(
    `${real.summary.violations.length} forbidden imports; ARCHITECTURE.md, "Boundaries", says who may import whom`,
  )
}

const reported = new Set(
  cruise(fixture).summary.violations.map(({ rule, from }) => `${rule.name} ${from}`),
)
const expected = filesUnder(fixture).flatMap((file) => {
  const [, rule] = /^\/\/ breaks: (\S+)/.exec(readFileSync(file, 'utf8')) ?? []
  return rule === undefined ? [] : [`${rule} ${file}`]
})
const silent = expected.filter((line) => !reported.has(line))
if (silent.length > 0) fail(`Rules that did not notice their violation:\n  ${silent.join('\n  ')}`)
const covered = new Set(expected.map((line) => line.split(' ')[0]))
const untested = config.forbidden.map((rule) => rule.name).filter((name) => !covered.has(name))
if (untested.length > 0) fail(`Rules without a violation in ${fixture}: ${untested.join(', ')}`)

console.log(
  `boundaries: ${real.summary.totalCruised} modules keep ${config.forbidden.length} rules; each rule was seen to fail once`,
)

function cruise(path) {
  const args = [
    'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
    path,
    '--config',
    '.dependency-cruiser.cjs',
    '--output-type',
    'json',
  ]
  try {
    return JSON.parse(
      execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 }),
    )
  } catch (error) {
    // It exits with the number of violations, and still prints the report.
    if (typeof error.stdout === 'string' && error.stdout.startsWith('{'))
      return JSON.parse(error.stdout)
    throw error
  }
}

function filesUnder(directory) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name)
    return entry.isDirectory() ? filesUnder(path) : [path]
  })
}

function fail(message) {
  console.error(`boundaries: ${message}`)
  process.exit(1)
}
