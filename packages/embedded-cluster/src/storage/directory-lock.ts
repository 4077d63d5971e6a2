/** One process per state directory. The lock names its holder, so that a dead one's can be taken over. */
import { randomUUID } from 'node:crypto'
import { link, readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isObject } from '../registry/json.ts'

/** More tries than processes that could start at once. */
const maxTries = 20

interface Holder {
  readonly pid: number
  /** When the process started, in the kernel's count: a pid alone may have been given to somebody else. */
  readonly started: string
  readonly nonce: string
}

export interface DirectoryLock {
  /** Idempotent. */
  release(): Promise<void>
}

class DirectoryInUseError extends Error {
  constructor(dir: string, pid: number) {
    super(`${dir} is in use by process ${pid}; stop that cluster, or use another directory`)
    this.name = 'DirectoryInUseError'
  }
}

export async function lockDirectory(dir: string): Promise<DirectoryLock> {
  const path = join(dir, 'lock')
  const me: Holder = {
    pid: process.pid,
    started: (await startTime(process.pid)) ?? '',
    nonce: randomUUID(),
  }
  for (let tries = 0; tries < maxTries; tries += 1) {
    if (await createWhole(path, JSON.stringify(me))) return { release: () => release(path, me) }
    const holder = await readHolder(path)
    if (holder === undefined) continue
    if (await isAlive(holder)) throw new DirectoryInUseError(dir, holder.pid)
    await breakLock(path, holder)
  }
  throw new Error(`${path} could not be taken: other processes keep taking it`)
}

/** Creates a file with its content in one step; false if there is one. */
async function createWhole(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, content, { mode: 0o600 })
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  } finally {
    await unlink(draft)
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'))
    if (!isObject(value)) return { pid: 0, started: '', nonce: '' }
    const { pid, started, nonce } = value
    return {
      pid: typeof pid === 'number' ? pid : 0,
      started: typeof started === 'string' ? started : '',
      nonce: typeof nonce === 'string' ? nonce : '',
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    if (error instanceof SyntaxError) return { pid: 0, started: '', nonce: '' }
    throw error
  }
}

async function isAlive({ pid, started }: Holder): Promise<boolean> {
  if (pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
  const now = await startTime(pid)
  return now === undefined || started === '' || now === started
}

/** Undefined where the kernel does not tell (not Linux). */
async function startTime(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The name of the program may contain blanks; it ends with the last parenthesis. Field 22 is the start time.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined // No /proc, or the process is gone: both are answered by the caller.
  }
}

/** Removes a dead holder's lock, and only that one: two who found it dead must not remove each other's new lock. */
async function breakLock(path: string, dead: Holder): Promise<void> {
  const breaking = `${path}.breaking`
  if (!(await createWhole(breaking, String(process.pid)))) {
    const breaker = Number(await readFile(breaking, 'utf8').catch(() => '0'))
    const isGone = !(await isAlive({ pid: breaker, started: '', nonce: '' }))
    if (isGone) await unlink(breaking).catch(ignoreMissing)
    return
  }
  try {
    const holder = await readHolder(path)
    if (holder?.nonce === dead.nonce) await unlink(path)
  } finally {
    await unlink(breaking).catch(ignoreMissing)
  }
}

async function release(path: string, me: Holder): Promise<void> {
  const holder = await readHolder(path)
  if (holder?.nonce === me.nonce) await unlink(path).catch(ignoreMissing)
}

function ignoreMissing(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error
}

function codeOf(error: unknown): unknown {
  return isObject(error) ? error['code'] : undefined
}
