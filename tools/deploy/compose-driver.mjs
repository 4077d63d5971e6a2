// @ts-check
/** k3s in Docker: deploy/compose/compose.yaml has the clusters, their addresses, and a registry they share. */
import { join } from 'node:path'
import { CommandFailed } from './command-runner.mjs'
import { root } from './places.mjs'
import { Refusal } from './refusal.mjs'

export const composeFile = join(root, 'deploy/compose/compose.yaml')

/** As compose.yaml has them; a test compares. */
export const composePlaces = {
  addresses: { a: '172.30.99.2', b: '172.30.99.3', c: '172.30.99.4' },
  apiPorts: { a: 16_443, b: 16_444, c: 16_445 },
  registry: '127.0.0.1:15000',
}

/** A daemon that hangs is as good as none. */
const checkTimeoutMs = 20_000
const startTimeoutSeconds = 300

/** A person without Docker still wants to see it work. */
const instead =
  '`make demo` needs no Docker: clusters that peer and run an app, as processes of this machine.'

/** @param {readonly string[]} args */
export const composeArgs = (...args) => ['compose', '--file', composeFile, ...args]

/** `docker.io/porpulsion/hello:latest`, as this machine pushes it into the registry of the clusters. */
export const pushedName = (/** @type {string} */ image) =>
  image.replace(/^docker\.io/, composePlaces.registry)

/**
 * @param {import('./drivers.mjs').DriverDeps} deps
 * @returns {import('./drivers.mjs').Driver}
 */
export function composeDriver({ run }) {
  // Attestations hold the time of the build: with them no two builds are the same image, and each would roll the agents.
  const engine = (/** @type {readonly string[]} */ args) =>
    run('docker', args, { env: { BUILDX_NO_DEFAULT_ATTESTATIONS: '1' } })
  const compose = (/** @type {string[]} */ ...args) => run('docker', composeArgs(...args))
  const forget = (/** @type {readonly string[]} */ images) =>
    images.length === 0 ? undefined : engine(['image', 'rm', '--force', ...images])

  return {
    clusters: 'k3s clusters in Docker',

    async check() {
      const options = { timeoutMs: checkTimeoutMs }
      await run('docker', ['--version'], options).catch((error) => refuse('no-docker', error))
      await run('docker', ['compose', 'version'], options).catch((error) =>
        refuse('no-compose', error),
      )
      // `docker info` ends with 0 in some releases, whatever answers.
      await run('docker', ['version', '--format', '{{.Server.Version}}'], options).catch((error) =>
        refuse('no-daemon', error),
      )
    },

    async start() {
      await compose('up', '--detach', '--wait', '--wait-timeout', String(startTimeoutSeconds))
    },

    async kubeconfig(name) {
      const text = await run(
        'docker',
        composeArgs('exec', '-T', name, 'cat', '/etc/rancher/k3s/k3s.yaml'),
        { isSecret: true },
      )
      return text.replace(':6443', `:${of(composePlaces.apiPorts, name)}`)
    },

    address: (name) => Promise.resolve(of(composePlaces.addresses, name)),

    openPages: () => Promise.resolve(), // compose.yaml publishes the ports

    engine,

    async load(image) {
      await engine(['tag', image, pushedName(image)])
      await engine(['push', '--quiet', pushedName(image)])
    },

    async remove() {
      await compose('down', '--volumes', '--remove-orphans', '--timeout', '10')
    },

    async forgetImages(images) {
      const known = await Promise.all(
        images
          .flatMap((image) => [image, pushedName(image)])
          .map((name) =>
            engine(['image', 'inspect', '--format', '{{.Id}}', name]).then(
              () => [name],
              () => [],
            ),
          ),
      )
      await forget(known.flat())
    },
  }
}

/** @template T @param {Readonly<Record<string, T>>} values @param {string} name @returns {T} */
function of(values, name) {
  const value = values[name]
  if (value === undefined) throw new Error(`compose.yaml has no cluster ${name}`)
  return value
}

/** @param {'no-docker' | 'no-compose' | 'no-daemon'} what @param {unknown} error @returns {never} */
function refuse(what, error) {
  if (!(error instanceof CommandFailed)) throw error
  throw new Refusal(`${dockerRefusal(what, error)}\n${instead}`)
}

/**
 * @param {'no-docker' | 'no-compose' | 'no-daemon'} what
 * @param {{ readonly code: string | number, readonly output: string }} failure
 */
function dockerRefusal(what, { code, output }) {
  const theirWords = output.trim().split('\n').at(-1) || `nothing (${code})`
  switch (what) {
    case 'no-docker':
      return code === 'ENOENT'
        ? 'This needs Docker with Compose, and there is no `docker` on this machine.'
        : `This needs Docker with Compose, and \`docker --version\` failed (${code}): ${theirWords}`
    case 'no-compose':
      return 'This needs Docker Compose, and this `docker` has no `docker compose`: install its plugin (package docker-compose-plugin or docker-compose-v2).'
    case 'no-daemon':
      return `This needs Docker, and its daemon does not answer: start Docker, or ask for the right to use it.\nDocker says: ${theirWords}`
  }
}
