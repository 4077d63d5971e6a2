import { spawn } from 'node:child_process'
import { Duplex } from 'node:stream'
import {
  decodeExecMessage,
  ExecChannel,
  PorpulsionError,
  readExecStatus,
  type ExecQuery,
  type ExecStatus,
  type Settings,
} from '@porpulsion/contract'
import { FakeClock } from '@porpulsion/kube/testing'
import type { AuditFacts } from '../../src/audit/index.ts'
import {
  createExec,
  type Exec,
  type ExecApp,
  type ExecCommand,
  type ExecInput,
  type RunningCommand,
} from '../../src/exec/index.ts'
import { changingSettings } from './changing-settings.ts'
import { aSocketAgent, link, type SocketAgent } from './socket-agents.ts'

/** One of the submitter's apps at the host. */
export const web: Omit<ExecApp, 'peerFingerprint'> = {
  uid: '11111111-2222-4333-8444-555555555555',
  name: 'web',
  namespace: 'porpulsion',
}

export interface ExecPair {
  readonly submitter: SocketAgent
  readonly host: SocketAgent
  /** The feature at the host. */
  readonly hosted: Exec
  /** What the host's trail was told. */
  readonly audited: AuditFacts[]
  /** Commands that run at the host now. */
  readonly running: Set<Duplex>
  /** What was asked to run. */
  readonly asked: ExecCommand[]
  readonly clock: FakeClock
  readonly open: (query: ExecQuery, app?: string) => Promise<Duplex>
  readonly changeSettings: (settings: Partial<Settings>) => void
  /** The host has no record of it any more. */
  readonly removeApp: () => void
}

/** Runs a command; tests that want none of it give their own. */
export type RunCommand = (command: ExecCommand, signal: AbortSignal) => Promise<RunningCommand>

/** Two agents with a link over real sockets; the host runs commands as processes of this machine. */
export async function anExecPair(run: RunCommand = runProcess): Promise<ExecPair> {
  const audited: AuditFacts[] = []
  const running = new Set<Duplex>()
  const asked: ExecCommand[] = []
  const watchers = new Set<(fingerprint: string, uid: string) => void>()
  let isThere = true
  const clock = new FakeClock()
  const { settings, change } = changingSettings()
  const onChange = (watcher: (fingerprint: string, uid: string) => void) => {
    watchers.add(watcher)
    return () => watchers.delete(watcher)
  }
  const exec = () => Promise.reject(new Error('no host'))
  const noTargets = { find: () => undefined, exec, onChange }
  const common = {
    apps: {
      resolve() {
        throw new Error('not asked here')
      },
    },
    settings,
    clock,
    peerName: () => 'b',
  }
  const submitter = await aSocketAgent('a')
  const host = await aSocketAgent('b', {
    acceptExec: (...asked) => hosted.accept(...asked),
  })
  const audit = { record: (facts: AuditFacts) => void audited.push(facts) }
  const hosted = createExec({
    ...common,
    audit,
    links: host.links,
    targets: {
      find: (fingerprint, uid) =>
        isThere && fingerprint === submitter.identity.fingerprint && uid === web.uid
          ? { ...web, peerFingerprint: fingerprint, ports: [] }
          : undefined,
      exec: async (_fingerprint, _uid, command, signal) => {
        asked.push(command)
        const made = await run(command, signal)
        running.add(made.stream)
        made.stream.once('close', () => running.delete(made.stream))
        return made
      },
      onChange,
    },
  })
  const asking = createExec({ ...common, audit, links: submitter.links, targets: noTargets })
  await link(submitter, host)
  return {
    submitter,
    host,
    hosted,
    audited,
    running,
    asked,
    clock,
    open: (query, uid = web.uid) =>
      asking.open(
        { ...web, uid, peerFingerprint: host.identity.fingerprint },
        query,
        new AbortController().signal,
      ),
    changeSettings: change,
    removeApp() {
      isThere = false
      for (const watcher of watchers) watcher(submitter.identity.fingerprint, web.uid)
    },
  }
}

/** A process of this machine for a container's. */
const runProcess: RunCommand = ({ command: [program = '', ...words] }) => {
  const child = spawn(program, words, { stdio: 'pipe' })
  const outputs = new Duplex({
    objectMode: true,
    read() {
      child.stdout.resume()
      child.stderr.resume()
    },
    write(input: ExecInput, _encoding, done) {
      if (input.kind === 'stdin') child.stdin.write(input.bytes, () => done())
      else {
        if (input.kind === 'stdinEnd') child.stdin.end()
        done()
      }
    },
    destroy(error, done) {
      child.kill('SIGKILL')
      done(error)
    },
  })
  for (const kind of ['stdout', 'stderr'] as const)
    child[kind].on('data', (bytes: Buffer) => {
      if (!outputs.push({ kind, bytes })) child[kind].pause()
    })
  child.stdin.on('error', () => undefined)
  child.once('close', (code) => {
    outputs.push({ kind: 'exited', exitCode: code ?? 137 })
    outputs.push(null)
  })
  return Promise.resolve({
    pod: 'web-1',
    container: 'app',
    stream: outputs,
    explain: (error) => new PorpulsionError('FailedPrecondition', 'ExecFailed', error.message),
  })
}

export interface Ended {
  readonly stdout: Buffer
  readonly stderr: string
  readonly status: ExecStatus | undefined
}

/** Reads to the end. */
export async function resultOf(messages: Duplex): Promise<Ended> {
  const stdout: Uint8Array[] = []
  let stderr = ''
  let status: ExecStatus | undefined
  for await (const message of messages as AsyncIterable<Uint8Array>) {
    const { channel, bytes = new Uint8Array() } = decodeExecMessage(message) ?? {}
    if (channel === ExecChannel.Stdout) stdout.push(bytes)
    if (channel === ExecChannel.Stderr) stderr += Buffer.from(bytes).toString()
    if (channel === ExecChannel.Status) status = readExecStatus(bytes)
  }
  return { stdout: Buffer.concat(stdout), stderr, status }
}
