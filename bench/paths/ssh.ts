/** `ssh -L` to a server of our own: its own configuration, keys and port, gone when the run ends. */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../../e2e/support/free-port.ts'
import { descendantsOf } from '../process-usage.ts'
import { childPath } from './child-path.ts'
import { LeftOut, type Path, type Pod } from './path.ts'

const run = promisify(execFile)
const installTimeoutMs = 120_000

export async function sshPath(pod: Pod): Promise<Path> {
  const program = await sshServer()
  const dir = await mkdtemp(join(tmpdir(), 'porpulsion-bench-ssh-'))
  const removeDir = (): Promise<void> => rm(dir, { recursive: true, force: true })
  let server: Path | undefined
  try {
    await Promise.all(['host', 'user'].map((name) => makeKey(join(dir, name))))
    const port = await freePort()
    const listening = await childPath(
      'ssh-L',
      await startServer(program, dir, port),
      port,
      (pid) => [pid],
    )
    server = listening
    const localPort = await freePort()
    const client = startClient(dir, port, `127.0.0.1:${localPort}:${pod.address}:${pod.port}`)
    const path = await childPath('ssh-L', client, localPort, async (pid) => {
      const pids = (await listening.pids())[0] ?? 0
      return [pid, ...(await descendantsOf(pids))]
    })
    return {
      ...path,
      stop: async () => {
        await path.stop()
        await listening.stop()
        await removeDir()
      },
    }
  } catch (error) {
    await server?.stop()
    await removeDir()
    throw error
  }
}

/** Where sshd is; Debian's package is fetched where it is missing and we may. */
async function sshServer(): Promise<string> {
  const known = ['/usr/sbin/sshd', '/usr/local/sbin/sshd'].find((file) => existsSync(file))
  if (known !== undefined) return known
  const reason = 'there is no sshd; install openssh-server and openssh-client'
  if (userInfo().uid !== 0 || !existsSync('/usr/bin/apt-get')) throw new LeftOut(reason)
  try {
    await withoutStartingServices(() =>
      run(
        'apt-get',
        ['install', '-y', '-q', '--no-install-recommends', 'openssh-server', 'openssh-client'],
        {
          env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
          timeout: installTimeoutMs,
        },
      ),
    )
  } catch (cause) {
    throw new LeftOut(`${reason} (apt-get could not)`, { cause })
  }
  return '/usr/sbin/sshd'
}

/** Debian starts what it installs, and a server on port 22 is nothing a benchmark should leave behind. */
async function withoutStartingServices(install: () => Promise<unknown>): Promise<void> {
  const policy = '/usr/sbin/policy-rc.d'
  const isOurs = !existsSync(policy)
  if (isOurs) await writeFile(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    await install()
  } finally {
    if (isOurs) await rm(policy, { force: true })
  }
}

async function makeKey(file: string): Promise<void> {
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file])
}

async function startServer(program: string, dir: string, port: number): Promise<ChildProcess> {
  // Where sshd, as root, keeps the part of itself that has no rights.
  if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(dir, 'host')}`,
    `AuthorizedKeysFile ${join(dir, 'user.pub')}`,
    `PidFile ${join(dir, 'pid')}`,
    'AuthenticationMethods publickey',
    'PermitRootLogin prohibit-password',
    // The key lies in a temporary directory.
    'StrictModes no',
    'UsePAM no',
    'AllowTcpForwarding local',
    'LogLevel ERROR',
  ]
  await writeFile(join(dir, 'config'), `${config.join('\n')}\n`)
  return spawn(program, ['-D', '-e', '-f', join(dir, 'config')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

function startClient(dir: string, port: number, forward: string): ChildProcess {
  const options = [
    'BatchMode=yes',
    'ExitOnForwardFailure=yes',
    'IdentitiesOnly=yes',
    'StrictHostKeyChecking=no',
    `UserKnownHostsFile=${join(dir, 'known')}`,
    'LogLevel=ERROR',
  ]
  const args = ['-F', 'none', '-N', '-i', join(dir, 'user'), '-p', String(port), '-L', forward]
  const settings = options.flatMap((option) => ['-o', option])
  return spawn('ssh', [...args, ...settings, `${userInfo().username}@127.0.0.1`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}
