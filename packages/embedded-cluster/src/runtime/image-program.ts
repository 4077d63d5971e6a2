/** Where the program behind the sample images is: beside us when bundled, else made from source. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type * as Esbuild from 'esbuild'

/** What the bundle calls it, relative to the file this module ends up in. */
const bundled = fileURLToPath(new URL('./images/main.js', import.meta.url))

export async function imageProgram(): Promise<string> {
  if (existsSync(bundled)) return bundled
  return (fromSource ??= bundleFromSource())
}

/** Once per process: the source does not change under it, and tests start many clusters. */
let fromSource: Promise<string> | undefined

/** Settings of the bundle, from source or in a release: some dependencies are CommonJS and call `require`. */
const imageBundle = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  minifySyntax: true,
  // Brings a native part, and is optional.
  external: ['@lydell/node-pty'],
  banner: {
    js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
  },
} as const satisfies Esbuild.BuildOptions

/** Named after its contents: processes of several versions may run at the same time, and tests start in parallel. */
async function bundleFromSource(): Promise<string> {
  const entry = fileURLToPath(new URL('../images/main.ts', import.meta.url))
  // A development dependency: not to be followed into a bundle.
  const require = createRequire(import.meta.url)
  const esbuild = require('esbuild') as typeof Esbuild
  const { outputFiles } = await esbuild.build({
    ...imageBundle,
    entryPoints: [entry],
    write: false,
  })
  const code = outputFiles[0]?.contents ?? new Uint8Array()
  const hash = createHash('sha256').update(code).digest('hex').slice(0, 16)
  const dir = fileURLToPath(new URL('../../../../.cache/images/', import.meta.url))
  const file = join(dir, `${hash}.mjs`)
  if (existsSync(file)) return file
  await mkdir(dir, { recursive: true })
  await writeFile(`${file}.${process.pid}`, code)
  await rename(`${file}.${process.pid}`, file)
  return file
}
