/** The chart, rendered by a real helm, or installed. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'

export const chartDirectory = join(import.meta.dirname, '../../charts/porpulsion')

/** What a rendered object may hold; tests look at the parts they know to be there. */
export interface Rendered {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec?: unknown
  readonly [field: string]: unknown
}

export interface HelmOutcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export type Values = Readonly<Record<string, unknown>>

/** Longer than helm itself waits for anything here. */
const timeoutMs = 300_000

export class Helm {
  readonly #path: string
  readonly #kubeconfig: string

  /** Without a kubeconfig it reaches no cluster: not that of whoever runs the tests. */
  constructor(path: string, kubeconfig = '/nonexistent') {
    this.#path = path
    this.#kubeconfig = kubeconfig
  }

  run(args: readonly string[], values?: Values): Promise<HelmOutcome> {
    const list = values === undefined ? args : [...args, '--values', '-']
    const env = { PATH: process.env['PATH'], HOME: '/nonexistent', KUBECONFIG: this.#kubeconfig }
    return new Promise((resolve) => {
      const options = { env, timeout: timeoutMs, maxBuffer: 16 * 1024 * 1024 }
      const child = execFile(this.#path, list, options, (error, stdout, stderr) => {
        const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1
        resolve({ code, stdout, stderr })
      })
      child.stdin?.on('error', () => undefined) // it may end without having read what it was given
      child.stdin?.end(values === undefined ? '' : JSON.stringify(values))
    })
  }

  /** What it printed; fails with its own words if it failed. */
  async out(args: readonly string[], values?: Values): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, values)
    if (code !== 0) throw new Error(`helm ${args.join(' ')} ended with ${code}: ${stderr}`)
    return stdout
  }

  /** Every object of the chart, hooks included. Fails with helm's own words. */
  async render(values: Values, args: readonly string[] = []): Promise<Rendered[]> {
    const { code, stdout, stderr } = await this.run(
      ['template', 'porpulsion', chartDirectory, '--namespace', 'agents', ...args],
      values,
    )
    if (code !== 0) throw new Error(`helm template ended with ${code}: ${stderr}`)
    return parseAllDocuments(stdout).map((document) => {
      const [error] = document.errors
      if (error !== undefined) throw error
      return document.toJS() as Rendered // rendered by our own templates; the tests are about its shape
    })
  }

  /** What helm says when it refuses to render. */
  async refusal(values: Values): Promise<string> {
    const { code, stderr } = await this.run(
      ['template', 'porpulsion', chartDirectory, '--namespace', 'agents'],
      values,
    )
    if (code === 0) throw new Error('helm rendered it')
    return stderr
  }
}
