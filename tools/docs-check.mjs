/**
 * Docs that stay true: relative links lead somewhere, every source folder says in its index.ts what it is for, every test
 * file is collected, every test that docs/security.md names exists, and docs/operations.md lists the metrics there are.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

const problems = []
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(file))

checkLinks()
checkIndexComments()
checkTestsAreCollected()
checkNamedTestsExist()
checkMetricsAreListed()
if (problems.length > 0) {
  console.error(`docs:check:\n  ${problems.join('\n  ')}`)
  process.exit(1)
}

function checkLinks() {
  for (const file of tracked.filter((name) => name.endsWith('.md'))) {
    const text = readFileSync(file, 'utf8').replace(/```[\s\S]*?```/g, '')
    for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue
      const [path, anchor] = target.split('#')
      const resolved = path === '' ? file : normalize(join(dirname(file), path))
      if (!existsSync(resolved)) problems.push(`${file}: link to ${target}, which does not exist`)
      else if (anchor !== undefined && resolved.endsWith('.md') && !anchors(resolved).has(anchor)) {
        problems.push(`${file}: link to ${target}, but ${resolved} has no such heading`)
      }
    }
  }
}

function anchors(file) {
  const text = readFileSync(file, 'utf8')
  const headings = [...text.matchAll(/^#+\s+(.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[`*]/g, '')
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  )
  const ids = [...text.matchAll(/<a id="([^"]+)"/g)].map(([, id]) => id)
  return new Set([...headings, ...ids])
}

function checkIndexComments() {
  for (const file of tracked.filter((name) =>
    /^packages\/[^/]+\/src\/(.*\/)?index\.ts$/.test(name),
  )) {
    if (!readFileSync(file, 'utf8').startsWith('/**')) {
      problems.push(
        `${file}: opens without a comment that says what this is for and what it must not know`,
      )
    }
  }
}

function checkTestsAreCollected() {
  const list = (config) =>
    execFileSync(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'list', '--filesOnly', '--config', config],
      { encoding: 'utf8' },
    )
  const collected = list('vitest.config.ts') + list('vitest.e2e.config.ts')
  for (const file of tracked.filter((name) => /\.test\.tsx?$/.test(name))) {
    if (!collected.includes(file)) problems.push(`${file}: no test run collects it`)
  }
}

/** `[file](path): “name of a test”` in docs/security.md. */
function checkNamedTestsExist() {
  const file = 'docs/security.md'
  const named = [...readFileSync(file, 'utf8').matchAll(/\]\(([^)]+\.test\.ts)\): “([^”]+)”/g)]
  if (named.length === 0) problems.push(`${file}: names no tests`)
  for (const [, path, name] of named) {
    const test = normalize(join(dirname(file), path))
    if (existsSync(test) && !readFileSync(test, 'utf8').includes(name)) {
      problems.push(`${file}: ${test} has no test “${name}”`)
    }
  }
}

/** The agent's own metrics, in the table of docs/operations.md and nowhere else. */
function checkMetricsAreListed() {
  const file = 'docs/operations.md'
  const listed = [...readFileSync(file, 'utf8').matchAll(/^\| `(porpulsion_[a-z_]+)`/gm)]
  const made = tracked
    .filter((name) => /^packages\/agent\/src\/.*(?<!\.test)\.ts$/.test(name))
    .flatMap((name) => [...readFileSync(name, 'utf8').matchAll(/'(porpulsion_[a-z_]+)'/g)])
  const [inDocs, inSource] = [listed, made].map((found) => new Set(found.map(([, name]) => name)))
  for (const name of inSource) {
    if (!inDocs.has(name)) problems.push(`${file}: does not list the metric ${name}`)
  }
  for (const name of inDocs) {
    if (!inSource.has(name)) problems.push(`${file}: lists ${name}, which is no metric`)
  }
}
