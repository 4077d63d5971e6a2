import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export interface KubectlResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The real kubectl of this machine; undefined if it has none (`make test` fetches one). */
export const kubectlPath: string | undefined = [
  ...(process.env['KUBECTL'] === undefined ? [] : [process.env['KUBECTL']]),
  ...(process.env['PATH'] ?? '').split(delimiter).map((dir) => join(dir, 'kubectl')),
].find((file) => existsSync(file))

const timeoutMs = 30_000

/** Runs kubectl against one cluster; `input` is what it reads from `-f -`. Never throws on a non-zero exit. */
export function kubectl(
  kubeconfig: string,
  args: readonly string[],
  input = '',
): Promise<KubectlResult> {
  return new Promise((resolve) => {
    const child = execFile(
      kubectlPath ?? 'kubectl',
      [...args],
      // A home of its own: kubectl caches what it discovers by address, and test clusters take turns on them.
      {
        env: { KUBECONFIG: kubeconfig, HOME: join(kubeconfig, '..') },
        timeout: timeoutMs,
        maxBuffer: 16 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
        resolve({ code, stdout, stderr })
      },
    )
    child.stdin?.end(input)
  })
}
