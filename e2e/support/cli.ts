/** The built CLI, as a user runs it, with contexts of its own. */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { launcher } from './launcher.ts'

const COMMAND_TIMEOUT_MS = 120_000

export interface CliResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export class Cli {
  readonly #env: NodeJS.ProcessEnv
  readonly #context: string

  /** `context` is that of every command which names none. */
  constructor(configFile: string, context: string) {
    this.#env = { ...process.env, PORPULSION_CONFIG: configFile, NO_COLOR: '1' }
    this.#context = context
  }

  /** Never throws on a non-zero exit; `-1` for a command that did not end in time. */
  run(args: readonly string[], stdin = ''): Promise<CliResult> {
    return new Promise((resolve) => {
      const options = {
        env: this.#env,
        timeout: COMMAND_TIMEOUT_MS,
        maxBuffer: 64 * 1024 * 1024,
      }
      const child = execFile(
        process.execPath,
        [launcher, ...this.#contextual(args)],
        options,
        (error, stdout, stderr) => {
          const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1
          resolve({ code, stdout, stderr })
        },
      )
      child.stdin?.on('error', () => undefined) // it may end without having read what it was given
      child.stdin?.end(stdin)
    })
  }

  /** What it printed; fails with its own words if it failed. */
  async out(args: readonly string[], stdin?: string): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, stdin)
    if (code !== 0) throw new Error(`porpulsion ${args.join(' ')} ended with ${code}: ${stderr}`)
    return stdout
  }

  async json(args: readonly string[]): Promise<unknown> {
    return JSON.parse(await this.out([...args, '-o', 'json'])) as unknown
  }

  /** Starts a command that goes on; the caller ends it. */
  start(args: readonly string[]): ChildProcess {
    return spawn(process.execPath, [launcher, ...this.#contextual(args)], { env: this.#env })
  }

  #contextual(args: readonly string[]): string[] {
    const decidesItself = args.includes('--context') || ['demo', 'login'].includes(args[0] ?? '')
    return decidesItself ? [...args] : ['--context', this.#context, ...args]
  }
}
