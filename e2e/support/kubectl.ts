/** A real kubectl, run against one cluster. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly stdin?: string
  readonly env?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
}

/** Longer than any of the tests' commands takes; one that hangs must not hang the suite. */
const defaultTimeoutMs = 30_000

export class Kubectl {
  readonly #path: string
  readonly #kubeconfig: string

  constructor(path: string, kubeconfig: string) {
    this.#path = path
    this.#kubeconfig = kubeconfig
  }

  /** Arguments as one would type them, split at blanks; those with blanks as an array. */
  run(args: string | readonly string[], options: RunOptions = {}): Promise<Outcome> {
    const list = typeof args === 'string' ? args.split(' ') : args
    const env = { ...process.env, KUBECONFIG: this.#kubeconfig, ...options.env }
    const { timeoutMs = defaultTimeoutMs } = options
    return new Promise((resolve) => {
      const child = execFile(
        this.#path,
        list,
        { env, timeout: timeoutMs, maxBuffer: 16 * 1024 * 1024 },
        (error, stdout, stderr) => {
          const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1
          resolve({ code, stdout, stderr })
        },
      )
      child.stdin?.end(options.stdin ?? '')
    })
  }

  /** Lines of the docs, in which `kubectl` is this one. */
  async shell(script: string, cwd: string): Promise<string> {
    const env = { ...process.env, KUBECONFIG: this.#kubeconfig, KUBECTL: this.#path }
    const text = `kubectl() { "$KUBECTL" "$@"; }\n${script}`
    const { stdout } = await promisify(execFile)('sh', ['-ec', text], {
      cwd,
      env,
      timeout: 120_000,
    })
    return stdout
  }

  /** What it printed; fails with its own words if it failed. */
  async out(args: string | readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, options)
    if (code === 0) return stdout
    const shown = typeof args === 'string' ? args : args.join(' ')
    throw new Error(`kubectl ${shown} ended with ${code}: ${stderr}`)
  }

  /** The first lines of a command that goes on for ever; `afterFirst` runs once there is one. */
  async firstLines(
    args: string,
    count: number,
    afterFirst: () => Promise<unknown> = () => Promise.resolve(),
  ): Promise<string[]> {
    const child = spawn(this.#path, args.split(' '), {
      env: { ...process.env, KUBECONFIG: this.#kubeconfig },
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: defaultTimeoutMs,
    })
    const closed = once(child, 'close')
    let text = ''
    for await (const chunk of child.stdout) {
      if (text === '') await afterFirst()
      text += String(chunk)
      if (text.split('\n').length > count) break
    }
    child.kill()
    await closed
    return text.split('\n').slice(0, count)
  }
}
