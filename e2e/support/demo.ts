/** A demo of its own in a temporary directory, driven as a user would: through the built CLI. */
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Cli, type CliResult } from './cli.ts'

export type ProcessName = 'clusterA' | 'agentA' | 'clusterB' | 'agentB'

export interface Demo {
  readonly dir: string
  /** Runs a command in context `a`, unless the arguments say otherwise; never throws on a non-zero exit. */
  cli(...args: string[]): Promise<CliResult>
  /** Runs a command that must succeed, and gives what it printed. */
  run(...args: string[]): Promise<string>
  /** Runs a command that must succeed with `-o json`. */
  json(...args: string[]): Promise<unknown>
  /** Starts a command that goes on; the caller ends it. */
  start(...args: string[]): ChildProcess
  kubeconfig(cluster: 'a' | 'b'): string
  /** Signs in once at the page of this cluster; the demo, asked again, prints a fresh one each time. */
  loginLink(cluster: 'a' | 'b'): Promise<string>
  pids(): Promise<Readonly<Record<ProcessName, number>>>
  up(): Promise<void>
  stop(): Promise<void>
  /** Stops it and removes its directory. */
  remove(): Promise<void>
}

export async function startDemo(): Promise<Demo> {
  const dir = await mkdtemp(join(tmpdir(), 'porpulsion-e2e-'))
  await writeFile(join(dir, 'demo.json'), JSON.stringify({ members: membersOfThisWorker() }))
  const demo = demoIn(dir)
  await demo.up()
  return demo
}

/**
 * A demo looks for free ports, and listens on them later. Two that start at once would find the same: each worker has
 * ports of its own, below those that the system hands out.
 */
function membersOfThisWorker(): object[] {
  const first = 20_000 + 100 * Number(process.env['VITEST_POOL_ID'] ?? 0)
  return ['a', 'b'].map((name, at) => {
    const port = first + 10 * at
    return { name, ports: { cluster: port, dashboard: port + 1, peer: port + 2 } }
  })
}

export function demoIn(dir: string): Demo {
  const cli = new Cli(join(dir, 'config.yaml'), 'a')
  return {
    dir,
    cli: (...args) => cli.run(args),
    run: (...args) => cli.out(args),
    json: (...args) => cli.json(args),
    start: (...args) => cli.start(args),
    loginLink: async (cluster) => {
      const said = await cli.out(['demo', '--detach', '--dir', dir])
      const link = new RegExp(`^ +${cluster} +(http:\\S+)`, 'm').exec(said)?.[1]
      if (link === undefined)
        throw new Error(`The demo printed no login link of ${cluster}: ${said}`)
      return link
    },
    kubeconfig: (cluster) => join(dir, `${cluster}.kubeconfig`),
    pids: async () => {
      const text = await readFile(join(dir, 'pids.json'), 'utf8')
      return JSON.parse(text) as Record<ProcessName, number> // written by the demo, in this shape
    },
    up: async () => {
      await cli.out(['demo', '--detach', '--dir', dir])
    },
    stop: async () => {
      await cli.out(['demo', 'stop', '--dir', dir])
    },
    remove: async () => {
      await cli.out(['demo', 'clean', '--dir', dir])
      await rm(dir, { recursive: true, force: true })
    },
  }
}
