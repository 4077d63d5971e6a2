/** Programs of the distribution that tests need: found, or installed where that is allowed, with a word about it. */
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export const mayInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')

export function install(...packages) {
  const apt = (...args) => spawnSync('apt-get', ['-qq', ...args], { stdio: 'ignore' }).status === 0
  const options = ['install', '-y', '--no-install-recommends', ...packages]
  return apt(...options) || (apt('update') && apt(...options))
}

/** The first of these names that is there. */
export function findProgram(names, moreDirs = []) {
  return [...(process.env.PATH ?? '').split(delimiter), ...moreDirs]
    .flatMap((dir) => names.map((name) => join(dir, name)))
    .find((file) => existsSync(file))
}

/** For the tests of the examples of proxies: they are servers of the distribution, and none of them is to run here. */
export function installProxies(say) {
  const missing = Object.entries({ nginx: 'nginx-light', haproxy: 'haproxy' }).filter(
    ([name]) => findProgram([name], ['/usr/sbin']) === undefined,
  )
  if (missing.length === 0) return
  const names = missing.map(([name]) => name).join(' and ')
  if (mayInstall) {
    say(`Installing ${names} for the tests of the proxies in the docs (once)…`)
    if (withoutServices(() => install(...missing.map(([, packaged]) => packaged)))) return
  }
  say(`Skipping tests with proxies: there is no ${names}, and it could not be installed`)
}

/** Debian asks this program before it starts the service of a package that is being installed. */
function withoutServices(work) {
  const policy = '/usr/sbin/policy-rc.d'
  if (existsSync(policy)) return work()
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    return work()
  } finally {
    rmSync(policy)
  }
}
