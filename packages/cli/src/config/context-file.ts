/** The file the contexts lie in: readable by its owner alone, replaced as a whole. */
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PorpulsionError, parseAs, isPorpulsionError } from '@porpulsion/contract'
import { Type } from 'typebox'
import { parse, stringify } from 'yaml'
import type { Io } from '../io.ts'
import { noContexts, type Contexts } from './contexts.ts'

const ContextFile = Type.Object({
  currentContext: Type.Optional(Type.String()),
  contexts: Type.Array(
    Type.Object({
      name: Type.String({ minLength: 1 }),
      url: Type.String({ pattern: '^https?://' }),
      token: Type.Optional(Type.String()),
      namespace: Type.Optional(Type.String()),
    }),
  ),
})

/** `PORPULSION_CONFIG`, or the place where this system keeps such files. */
export async function contextFilePath({ env }: Io): Promise<string> {
  const configured = env['PORPULSION_CONFIG']
  if (configured !== undefined && configured !== '') return configured
  const { default: envPaths } = await import('env-paths')
  return join(envPaths('porpulsion', { suffix: '' }).config, 'config.yaml')
}

export async function readContexts(file: string): Promise<Contexts> {
  const text = await readIfThere(file)
  if (text === undefined) return noContexts
  try {
    const { currentContext, contexts } = parseAs(ContextFile, parse(text))
    return { ...(currentContext !== undefined && { current: currentContext }), contexts }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new PorpulsionError(
      'Invalid',
      'ConfigInvalid',
      `${file} cannot be read: ${reason}. Mend it, or remove it and sign in again`,
      { cause, fields: isPorpulsionError(cause) ? cause.fields : [] },
    )
  }
}

export async function writeContexts(file: string, { current, contexts }: Contexts): Promise<void> {
  const document = { ...(current !== undefined && { currentContext: current }), contexts }
  await mkdir(dirname(file), { recursive: true })
  // Beside it and renamed: a crash, or a second command, never leaves half a file with half the tokens.
  const draft = `${file}.${process.pid}.tmp`
  try {
    await writeFile(draft, stringify(document), { mode: 0o600 })
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** Reads, changes and writes, one command after the other: of two that sign in at once, neither is lost. */
export async function changeContexts(
  { signal }: Pick<Io, 'signal'>,
  file: string,
  change: (known: Contexts) => Contexts,
): Promise<void> {
  const lock = `${file}.lock`
  await mkdir(dirname(file), { recursive: true })
  while (!(await madeFile(lock))) {
    if (await isLeftBehind(lock)) await rm(lock, { force: true })
    else await sleep(lockPollMs, undefined, { signal })
  }
  try {
    await writeContexts(file, change(await readContexts(file)))
  } finally {
    await rm(lock, { force: true })
  }
}

const lockPollMs = 20
/** A lock is held for milliseconds; whoever made one this old has died. */
const lockLeftBehindMs = 5_000

async function madeFile(file: string): Promise<boolean> {
  try {
    await writeFile(file, '', { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function isLeftBehind(file: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(file)
    return Math.abs(Date.now() - mtimeMs) > lockLeftBehindMs
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
