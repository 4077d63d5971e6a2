/** Debian's nginx and HAProxy with the examples of docs/operations.md, in front of an agent's port 8001. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { endChild } from './child.ts'
import type { PrivateCa } from './private-ca.ts'

export interface FrontOptions {
  /** Where it listens, and where the agent does. */
  readonly ports: { readonly outer: number; readonly agent: number }
  readonly ca: PrivateCa
  readonly dir: string
  /** In place of the hour of the example. */
  readonly idleSeconds: number
  /** What somebody wrote into the example. */
  readonly change?: (example: string) => string
}

export interface Front {
  /** As after `systemctl reload`: who had connections keeps them, or loses them, as this proxy does it. */
  reload(): void
  /** What it wrote: why it did not start. */
  log(): string
  stop(): Promise<void>
}

export type FrontKind = 'nginx' | 'haproxy'

interface Recipe {
  /** What stands around the example in the configuration of a distribution. */
  readonly around: (example: string, dir: string) => string
  readonly exchange: (options: FrontOptions) => readonly (readonly [from: string, to: string])[]
  readonly args: (file: string) => readonly string[]
  readonly reloadSignal: NodeJS.Signals
}

const recipes: Readonly<Record<FrontKind, Recipe>> = {
  nginx: {
    around: (example, dir) =>
      [
        `pid ${dir}/nginx.pid; daemon off; error_log stderr;`,
        'events {} http { access_log off;',
        ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
          (one) => `${one}_temp_path ${dir}/${one};`,
        ),
        `${example} }`,
      ].join('\n'),
    exchange: ({ ports, ca, idleSeconds }) => [
      ['listen 443 ssl', `listen 127.0.0.1:${ports.outer} ssl`],
      ['porpulsion-peer:8001', `127.0.0.1:${ports.agent}`],
      ['/etc/nginx/porpulsion.crt', ca.certFile],
      ['/etc/nginx/porpulsion.key', ca.keyFile],
      ['proxy_read_timeout 1h', `proxy_read_timeout ${idleSeconds}s`],
      ['proxy_send_timeout 1h', `proxy_send_timeout ${idleSeconds}s`],
    ],
    args: (file) => ['-c', file, '-e', 'stderr'],
    reloadSignal: 'SIGHUP',
  },
  haproxy: {
    around: (example) => `global\n  log stderr format raw local0\n${example}`,
    exchange: ({ ports, ca, idleSeconds }) => [
      ['bind :443', `bind 127.0.0.1:${ports.outer}`],
      ['porpulsion-peer:8001', `127.0.0.1:${ports.agent}`],
      ['/etc/haproxy/porpulsion.pem', ca.bothFile],
      ['timeout tunnel 1h', `timeout tunnel ${idleSeconds}s`],
    ],
    args: (file) => ['-W', '-f', file],
    reloadSignal: 'SIGUSR2',
  },
}

/** Debian keeps servers where ordinary users do not look. */
export function findFront(kind: FrontKind): string | undefined {
  const dirs = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return dirs.map((dir) => join(dir, kind)).find((file) => existsSync(file))
}

/** Resolves once it has been started; whether it serves is for the caller to see. */
export async function startFront(
  kind: FrontKind,
  program: string,
  options: FrontOptions,
): Promise<Front> {
  const recipe = recipes[kind]
  let example = await exampleOf(kind)
  for (const [from, to] of recipe.exchange(options)) {
    if (!example.includes(from)) throw new Error(`The example for ${kind} does not say "${from}"`)
    example = example.replaceAll(from, to)
  }
  const dir = await mkdtemp(join(options.dir, `${kind}-`))
  const file = join(dir, `${kind}.conf`)
  const { change = (unchanged: string) => unchanged } = options
  await writeFile(file, recipe.around(change(example), dir))
  const child: ChildProcess = spawn(program, recipe.args(file), {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  await once(child, 'spawn')
  let log = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (log += chunk.toString()))
  return {
    reload: () => void child.kill(recipe.reloadSignal),
    log: () => log,
    stop: () => endChild(child, 'SIGTERM'),
  }
}

/** The block of docs/operations.md in this language: there is one. */
async function exampleOf(kind: FrontKind): Promise<string> {
  const docs = await readFile(join(import.meta.dirname, '../../docs/operations.md'), 'utf8')
  const found = [...docs.matchAll(new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\`$`, 'gms'))]
  const [example] = found
  if (example?.[1] === undefined || found.length > 1)
    throw new Error(`docs/operations.md has ${found.length} examples for ${kind}`)
  return example[1]
}
