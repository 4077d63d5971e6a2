/** A demo of its own in a temporary directory, driven as a user would: through the built CLI. */
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { launcher } from './launcher.ts'

const run = promisify(execFile)
const COMMAND_TIMEOUT_MS = 120_000

export interface CliResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export type ProcessName = 'clusterA' | 'agentA' | 'clusterB' | 'agentB'

export interface Demo {
  readonly dir: string
  /** Runs a command in context `a`, unless the arguments say otherwise; never throws on a non-zero exit. */
  cli(...args: string[]): Promise<CliResult>
  /** Runs a command that must succeed with `-o json`. */
  json(...args: string[]): Promise<unknown>
  /** Starts a command that goes on; the caller ends it. */
  start(...args: string[]): ReturnType<typeof spawn>
  kubeconfig(cluster: 'a' | 'b'): string
  pids(): Promise<Readonly<Record<ProcessName, number>>>
  up(): Promise<void>
  stop(): Promise<void>
  /** Stops it and removes its directory. */
  remove(): Promise<void>
}

export async function startDemo(): Promise<Demo> {
  const dir = await mkdtemp(join(tmpdir(), 'porpulsion-e2e-'))
  const demo = demoIn(dir)
  await demo.up()
  return demo
}

export function demoIn(dir: string): Demo {
  const env = { ...process.env, PORPULSION_CONFIG: join(dir, 'config.yaml'), NO_COLOR: '1' }
  const contextual = (args: readonly string[]): string[] =>
    args.includes('--context') || args[0] === 'demo' ? [...args] : ['--context', 'a', ...args]

  const cli = async (...args: string[]): Promise<CliResult> => {
    try {
      const options = { env, timeout: COMMAND_TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 }
      const result = await run(process.execPath, [launcher, ...contextual(args)], options)
      return { code: 0, ...result }
    } catch (error) {
      if (!isExit(error)) throw error
      return { code: error.code, stdout: error.stdout, stderr: error.stderr }
    }
  }
  const mustRun = async (...args: string[]): Promise<CliResult> => {
    const result = await cli(...args)
    if (result.code !== 0) throw new Error(`porpulsion ${args.join(' ')}: ${result.stderr}`)
    return result
  }

  return {
    dir,
    cli,
    json: async (...args) => JSON.parse((await mustRun(...args, '-o', 'json')).stdout) as unknown,
    start: (...args) => spawn(process.execPath, [launcher, ...contextual(args)], { env }),
    kubeconfig: (cluster) => join(dir, `${cluster}.kubeconfig`),
    pids: async () => {
      const text = await readFile(join(dir, 'pids.json'), 'utf8')
      return JSON.parse(text) as Record<ProcessName, number> // written by the demo, in this shape
    },
    up: async () => {
      await mustRun('demo', '--detach', '--dir', dir)
    },
    stop: async () => {
      await mustRun('demo', 'stop', '--dir', dir)
    },
    remove: async () => {
      await mustRun('demo', 'clean', '--dir', dir)
      await rm(dir, { recursive: true, force: true })
    },
  }
}

function isExit(error: unknown): error is { code: number; stdout: string; stderr: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'number'
}
