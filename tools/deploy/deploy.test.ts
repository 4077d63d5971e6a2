/** The commands as make runs them, where there is nothing to deploy to. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { root } from './places.mjs'

/** A machine whose PATH holds these programs, node and nothing else. */
function aMachine(programs: Readonly<Record<string, string>> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'porpulsion-deploy-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const bin = join(dir, 'bin')
  mkdirSync(bin)
  symlinkSync(process.execPath, join(bin, 'node'))
  for (const [name, text] of Object.entries(programs))
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  return (verb: string, env: Readonly<Record<string, string>> = {}) => {
    const options = { cwd: root, env: { PATH: bin, DEPLOY_DIR: join(dir, 'state'), ...env } }
    const { status, stdout, stderr } = spawnSync(make, ['--silent', verb], options)
    return { code: status, out: String(stdout), err: String(stderr) }
  }
}

const make = String(spawnSync('sh', ['-c', 'command -v make']).stdout).trim()

test('make deploy without Docker says so, points to make demo, and fails', () => {
  const { code, out, err } = aMachine()('deploy')
  expect(code).not.toBe(0)
  expect(out).toBe('')
  expect(err).toContain('there is no `docker` on this machine')
  expect(err).toContain('`make demo` needs no Docker')
  expect(err).not.toMatch(/\n\s+at /) // a stack
})

test('make deploy without Compose, or without a daemon, says which', () => {
  const noCompose = 'test "$1" != compose || { echo "unknown command" >&2; exit 1; }'
  expect(aMachine({ docker: noCompose })('deploy').err).toContain('has no `docker compose`')
  const noDaemon = 'test "$1" != version || { echo "Cannot connect" >&2; exit 1; }'
  const { code, err } = aMachine({ docker: noDaemon })('deploy')
  expect(err).toContain('Docker says: Cannot connect')
  expect(err).toContain('make demo')
  expect(code).not.toBe(0)
})

test.each(['redeploy', 'logs'])('make %s where nothing was deployed says what to do', (verb) => {
  const { code, err } = aMachine()(verb)
  expect(code).not.toBe(0)
  expect(err).toContain('There are no clusters here: make deploy starts them')
})

test('make status and make teardown have nothing to do there, and that is fine', () => {
  expect(aMachine()('status')).toMatchObject({ code: 0, err: '' })
  expect(aMachine()('teardown')).toMatchObject({
    code: 0,
    out: 'There is nothing here to tear down.\n',
  })
})

test('a driver that is none is named', () => {
  expect(aMachine()('deploy', { DRIVER: 'minikube' }).err).toContain('no driver "minikube"')
  expect(aMachine()('deploy', { DRIVER: 'testbed', RK: '/nowhere' }).err).toContain(
    'RK=/nowhere holds no start.sh',
  )
})

test('an interrupted deploy can be torn down, and tells how to go on', () => {
  const docker = 'case "$*" in *" up "*) kill -INT $PPID; sleep 30;; esac'
  const run = aMachine({ docker, kubectl: '', helm: '', sleep: 'exec /bin/sleep "$@"' })
  const { err } = run('deploy')
  expect(err).toContain('Interrupted. The same command goes on; make teardown removes it.')
  expect(run('teardown')).toMatchObject({ code: 0 })
  expect(run('teardown').out).toContain('nothing here')
})
