import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** Adds a line to a file of the container, given as `PATH=TEXT`; makes the file, and the directory it is in. */
export function appendLine(wish: string, podRoot: string): void {
  const equals = wish.indexOf('=')
  if (equals < 1) throw new Error(`--append wants PATH=TEXT, not "${wish}"`)
  const path = wish.slice(0, equals)
  // Normalised from `/`: where processes have no file system of their own, no path leads out of the pod's directory.
  const file = join(podRoot, normalize(`/${path}`))
  mkdirSync(dirname(file), { recursive: true })
  appendFileSync(file, `${wish.slice(equals + 1)}\n`)
  process.stdout.write(`Added a line to ${path}\n`)
}
