/** Runs a command line as a user would, over streams of our own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import { onTestFinished } from 'vitest'
import { runCli } from '../src/index.ts'
import type { Io } from '../src/io.ts'
import { fakeToken, type FakeAgent } from './fake-agent.ts'

export interface CliRun {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly agent?: Pick<FakeAgent, 'url'>
  readonly stdin?: string
  readonly cwd?: string
  readonly config?: string
  readonly env?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  readonly now?: number
  readonly isTTY?: boolean
  /** Typed at a terminal as soon as something is asked there. */
  readonly keys?: string
}

export async function run(argv: readonly string[], options: RunOptions = {}): Promise<CliRun> {
  const { keys, isTTY = keys !== undefined } = options
  const piped = Readable.from(options.stdin === undefined ? [] : [options.stdin])
  const stdin = keys === undefined ? piped : keyboard(keys)
  const stdout = sink(options.isTTY)
  const stderr = sink(isTTY)
  const cwd = options.cwd ?? (await temporaryDirectory())
  const config = options.config ?? (await configFile(options.agent))
  const code = await runCli(argv, {
    stdin,
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: { PORPULSION_CONFIG: config, ...options.env },
    cwd,
    signal: options.signal ?? new AbortController().signal,
    self: { command: process.execPath, args: [] },
    announceReady: () => undefined,
    now: () => options.now ?? Date.now(),
  })
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}

/** Contexts as a login would have written them. */
async function configFile(agent: Pick<FakeAgent, 'url'> | undefined): Promise<string> {
  const file = join(await temporaryDirectory(), 'config.yaml')
  if (agent === undefined) return file
  const context = { name: 'test', url: agent.url, token: fakeToken }
  await writeFile(file, JSON.stringify({ currentContext: 'test', contexts: [context] }))
  return file
}

export async function temporaryDirectory(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'porpulsion-cli-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

/** Raw mode is for a question, which is there for keys a turn of the event loop later. */
function keyboard(keys: string): Io['stdin'] {
  let isTyped = false
  const stdin: PassThrough & Io['stdin'] = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (isRaw: boolean) => {
      if (isRaw && !isTyped) setImmediate(() => stdin.write(keys))
      isTyped = true
    },
  })
  return stdin
}

function sink(isTTY = false): { stream: Writable & { isTTY: boolean }; text: () => string } {
  let text = ''
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString()
      done()
    },
  })
  return { stream: Object.assign(stream, { isTTY }), text: () => text }
}
