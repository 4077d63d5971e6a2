/** The pinned kubectl and helm of the tests, fetched once where they are missing. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

export type FoundTool =
  | { readonly kind: 'found'; readonly path: string }
  | { readonly kind: 'missing'; readonly reason: string }

export function locateTool(name: 'kubectl' | 'helm'): FoundTool {
  const given = process.env[name.toUpperCase()]
  if (given !== undefined) return { kind: 'found', path: given }
  const tool = join(import.meta.dirname, '../../tools/kubectl.mjs')
  try {
    const path = execFileSync(process.execPath, [tool, name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return { kind: 'found', path: path.trim() }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    const reason = /Error: (.*)/.exec(text)?.[1] ?? text
    return { kind: 'missing', reason }
  }
}
