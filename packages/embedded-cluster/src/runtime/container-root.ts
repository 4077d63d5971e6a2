/**
 * What a container sees of its mounts. Processes share the machine's file system, so a mount at `/etc/app` appears at
 * `$POD_ROOT/etc/app`: a link to the volume.
 */
import { lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import type { Mount } from './container-runtime.ts'

/** Kubernetes cuts termination messages here. */
const maxTerminationMessageBytes = 4096

/** Outer mounts first, so that an inner one lands inside the outer one's volume, as it would with real mounts. */
export function linkMounts(root: string, mounts: readonly Mount[]): void {
  mkdirSync(root, { recursive: true })
  for (const { path, source } of mounts.toSorted((a, b) => a.path.length - b.path.length)) {
    const link = pathInRoot(root, path)
    if (link === root) continue
    mkdirSync(dirname(link), { recursive: true })
    if (lstatSync(link, { throwIfNoEntry: false }) !== undefined)
      rmSync(link, { recursive: true, force: true })
    symlinkSync(source, link)
  }
}

export function readTerminationMessage(root: string, path: string): string | undefined {
  const file = pathInRoot(root, path)
  try {
    const text = readFileSync(file, 'utf8').slice(0, maxTerminationMessageBytes)
    // Read once: the next run must not show the words of this one.
    rmSync(file, { force: true })
    return text === '' ? undefined : text
  } catch {
    return undefined
  }
}

/** Normalised from `/`, so that no `..` leads out of the pod's directory. */
export function pathInRoot(root: string, path: string): string {
  return join(root, normalize(`/${path}`))
}
