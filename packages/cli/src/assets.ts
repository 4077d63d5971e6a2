import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A file or directory that the build puts beside the program; undefined where it was not built. */
export function builtAsset(name: string): string | undefined {
  // Bundled, this module lies in dist itself; run from source, dist is the neighbour of src.
  return ['./', '../dist/']
    .map((base) => fileURLToPath(new URL(base + name, import.meta.url)))
    .find((path) => existsSync(path))
}
