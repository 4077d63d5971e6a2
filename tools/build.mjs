/**
 * Makes packages/cli/dist: agent, CLI and embedded cluster as one program, the sample images, and the page.
 * `--if-changed` does nothing when the sources are those of the last build.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const dist = join(root, 'packages/cli/dist')
const stampFile = join(dist, '.built')
/** Built aside and moved into place as a whole, so that what runs meanwhile finds the old program or the new one. */
const draft = join(root, `.cache/build-${process.pid}`)

/** What CommonJS dependencies expect of their surroundings and an ES module lacks. */
const commonJs = `import { createRequire as $createRequire } from 'node:module'
import { dirname as $dirname } from 'node:path'
import { fileURLToPath as $fileURLToPath } from 'node:url'
const require = $createRequire(import.meta.url)
const __filename = $fileURLToPath(import.meta.url)
const __dirname = $dirname(__filename)`

/** @type {import('esbuild').BuildOptions} */
const common = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  banner: { js: commonJs },
  // Names and lines stay: whoever reports a defect sends us what they see.
  minifySyntax: true,
  // Brings a native part, and is optional.
  external: ['@lydell/node-pty'],
  legalComments: 'linked',
  logLevel: 'warning',
}

const say = (text) => process.stdout.write(`${text}\n`)
const seconds = (sinceMs) => `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`

const startedMs = Date.now()
const stamp = await hashOf(await sourceFiles())
if (process.argv.includes('--if-changed') && (await lastStamp()) === stamp) process.exit(0)

say('Building packages/cli/dist…')
await mkdir(draft, { recursive: true })
try {
  await Promise.all([
    step('agent, CLI and embedded cluster', bundleProgram),
    step('sample images', bundleImages),
    step('page', buildPage),
  ])
} catch (error) {
  // Where the source is wrong has been printed already.
  say(`The build failed: ${error.message}`)
  await rm(draft, { recursive: true, force: true })
  process.exit(1)
}
await writeFile(join(draft, '.built'), stamp)
await rm(dist, { recursive: true, force: true })
await rename(draft, dist)
say(`Built in ${seconds(startedMs)}`)

/** One program in chunks: `--help` loads a few, `agent` the rest. */
async function bundleProgram() {
  await build({
    ...common,
    entryPoints: [{ in: join(root, 'packages/cli/src/main.ts'), out: 'main' }],
    splitting: true,
    outdir: draft,
    chunkNames: '[name]-[hash]',
  })
}

/** A program of its own, without chunks: each pod is a process of it, and it is copied into the container images. */
async function bundleImages() {
  await build({
    ...common,
    entryPoints: [
      { in: join(root, 'packages/embedded-cluster/src/images/main.ts'), out: 'images/main' },
    ],
    outdir: draft,
  })
}

async function buildPage() {
  const dashboard = join(root, 'packages/dashboard')
  const { build: buildWithVite } = await import('vite')
  await buildWithVite({
    root: dashboard,
    configFile: join(dashboard, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: join(draft, 'dashboard'), emptyOutDir: true },
  })
}

async function step(name, work) {
  const sinceMs = Date.now()
  await work()
  say(`  ${name} (${seconds(sinceMs)})`)
}

async function lastStamp() {
  return existsSync(stampFile) ? readFile(stampFile, 'utf8') : undefined
}

/** Everything that ends up in the build. Tests do not, so a changed test rebuilds nothing. */
async function sourceFiles() {
  const packages = await readdir(join(root, 'packages'))
  const lists = await Promise.all(packages.map((name) => filesBelow(join(root, 'packages', name))))
  const fixed = ['package-lock.json', 'tsconfig.base.json', 'tools/build.mjs']
  return [...fixed.map((name) => join(root, name)), ...lists.flat()]
    .filter((file) => !/\.test\.tsx?$/.test(file))
    .sort()
}

async function filesBelow(directory) {
  const entries = await readdir(directory, { withFileTypes: true })
  const lists = await Promise.all(
    entries
      .filter(({ name }) => !['node_modules', 'dist', 'test', '.cache'].includes(name))
      .map((entry) =>
        entry.isDirectory()
          ? filesBelow(join(directory, entry.name))
          : [join(directory, entry.name)],
      ),
  )
  return lists.flat()
}

async function hashOf(files) {
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${relative(root, file)}\0`).update(await readFile(file))
  return hash.digest('hex')
}
