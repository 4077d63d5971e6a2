/**
 * Keeps the processes of a demo running and `pids.json` true. Each has a session of its own, so that Ctrl-C in the
 * terminal reaches the supervisor alone and it can end them in good order: agents first, so that they can still say
 * goodbye to their clusters and peers, then clusters with their pods.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, openSync, closeSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Io } from '../io.ts'
import type { DemoMember, DemoState } from './demo-state.ts'
import { writeJsonFile } from './json-file.ts'
import type { DemoLayout } from './layout.ts'
import {
  superviseProcess,
  type ProcessHandle,
  type SupervisedProcess,
} from './supervised-process.ts'

export interface Supervisor {
  /** Resolves when every process has been ready once. */
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
}

export function createSupervisor(io: Io, layout: DemoLayout, { members }: DemoState): Supervisor {
  const pids = new Map<string, number>()
  let written = Promise.resolve()

  const recordPid = (key: string) => (pid: number) => {
    pids.set(key, pid)
    // One after the other: the file must end with what was true last.
    written = written.then(() => writeJsonFile(layout.pidsFile, Object.fromEntries(pids)))
  }
  const supervise = (
    key: string,
    args: readonly string[],
    logFile: string,
    { endsWhatItOwns = false } = {},
  ): SupervisedProcess =>
    superviseProcess({
      endsWhatItOwns,
      spawn: () => spawnSelf(io, args, logFile),
      setTimeout: (callback, delayMs) => {
        const timer = setTimeout(callback, delayMs)
        return () => clearTimeout(timer)
      },
      onStarted: recordPid(key),
    })

  const pairs = members.map((member) => {
    const { clusterLog, agentLog } = layout.member(member.name)
    const suffix = member.name.toUpperCase()
    return {
      cluster: supervise(`cluster${suffix}`, clusterArgs(layout, member), clusterLog, {
        endsWhatItOwns: true,
      }),
      agent: supervise(`agent${suffix}`, agentArgs(layout, member), agentLog),
    }
  })

  return {
    async start() {
      await Promise.all(
        pairs.map(async ({ cluster, agent }) => {
          await cluster.start()
          await agent.start()
        }),
      )
    },
    async stop() {
      await Promise.all(pairs.map(({ agent }) => agent.stop()))
      await Promise.all(pairs.map(({ cluster }) => cluster.stop()))
      await written
      await rm(layout.pidsFile, { force: true })
    },
  }
}

function clusterArgs(layout: DemoLayout, { name, ports }: DemoMember): string[] {
  const { clusterDir, kubeconfig } = layout.member(name)
  return [
    'cluster',
    ...['--name', `demo-${name}`],
    ...['--data-dir', clusterDir],
    ...['--port', String(ports.cluster)],
    ...['--kubeconfig', kubeconfig],
    '--allow-host-processes',
  ]
}

function agentArgs(layout: DemoLayout, { name, ports }: DemoMember): string[] {
  const { kubeconfig, adminTokenFile } = layout.member(name)
  return [
    'agent',
    ...['--name', name],
    ...['--kubeconfig', kubeconfig],
    ...['--dashboard-port', String(ports.dashboard)],
    ...['--peer-port', String(ports.peer)],
    ...['--self-url', `http://127.0.0.1:${ports.peer}`],
    ...['--admin-token-file', adminTokenFile],
    '--pods-reachable',
  ]
}

/** As the image has them, which says why (deploy/Dockerfile). */
const nodeFlags = ['--max-semi-space-size=4', '--no-parallel-scavenge']

function spawnSelf(
  { self, env, cwd }: Io,
  args: readonly string[],
  logFile: string,
): ProcessHandle {
  mkdirSync(dirname(logFile), { recursive: true })
  const log = openSync(logFile, 'a')
  // The channel tells us when it is ready, and tells it when we are gone: then it ends too.
  const child = spawn(self.command, [...nodeFlags, ...self.args, ...args], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  })
  closeSync(log)
  return {
    pid: child.pid ?? 0,
    ready: new Promise((resolve) => child.once('message', () => resolve())),
    exited: new Promise((resolve) => {
      child.once('exit', () => resolve())
      // Not even started: as good as ended, and tried again.
      child.once('error', () => resolve())
    }),
    signal: (name) => child.kill(name),
  }
}
