/** Commands, ports and figures of the embedded cluster's pods, as the real kubectl asks for them. */
import { execFile, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { type EmbeddedCluster, startEmbeddedCluster } from '@porpulsion/embedded-cluster'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Kubectl } from './support/kubectl.ts'
import { locateTool } from './support/locate-tool.ts'

const located = locateTool('kubectl')
const suffix = located.kind === 'missing' ? ` (skipped: ${located.reason})` : ''

/** kubectl speaks WebSocket by default; with this it falls back to what it spoke before. */
const transports = [
  { transport: 'WebSocket', env: {} },
  { transport: 'SPDY', env: { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: 'false' } },
]

describe.skipIf(located.kind === 'missing')(`kubectl exec${suffix}`, () => {
  const path = located.kind === 'found' ? located.path : ''
  let dir: string
  let kubeconfig: string
  let cluster: EmbeddedCluster
  let kubectl: Kubectl

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'porpulsion-exec-'))
    cluster = await startEmbeddedCluster({ name: 'exec', runtime: { allowHostProcesses: true } })
    kubeconfig = join(dir, 'kubeconfig')
    await writeFile(kubeconfig, cluster.kubeconfig())
    kubectl = new Kubectl(path, kubeconfig)
    await kubectl.out('run web --image=porpulsion/hello')
    await kubectl.out('wait --for=condition=Ready pod/web --timeout=20s')
  })
  afterAll(async () => {
    await cluster.stop()
    await rm(dir, { recursive: true, force: true })
  })

  describe.each(transports)('over $transport', ({ env }) => {
    test('a command has its own streams and exit code', async () => {
      const script = 'echo out of $POD_NAME; echo err >&2; exit 3'
      const outcome = await kubectl.run(['exec', 'web', '--', 'sh', '-c', script], { env })
      expect(outcome).toEqual({
        code: 3,
        stdout: 'out of web\n',
        stderr: 'err\ncommand terminated with exit code 3\n',
      })
    })

    test('bytes are piped through a command as they are', async () => {
      const bytes = randomBytes(2_000_000)
      await writeFile(join(dir, 'bytes'), bytes)
      const script = '"$KUBECTL" exec -i web -- cat < bytes > back && sha256sum < back'
      const { stdout } = await promisify(execFile)('sh', ['-c', script], {
        cwd: dir,
        env: { ...process.env, ...env, KUBECONFIG: kubeconfig, KUBECTL: path },
        timeout: 30_000,
      })
      expect(stdout).toContain(createHash('sha256').update(bytes).digest('hex'))
    })

    test('a terminal is one, and has the size of the one it is shown on', async () => {
      const inside = 'tty; sleep 0.5; stty size; exit 4'
      const script = `stty cols 101 rows 41; "$KUBECTL" exec -it web -- sh -c '${inside}'; echo code $?`
      const child = spawn('script', ['-qec', script, '/dev/null'], {
        env: { ...process.env, ...env, KUBECONFIG: kubeconfig, KUBECTL: path },
        stdio: ['pipe', 'pipe', 'inherit'],
        timeout: 30_000,
      })
      let text = ''
      child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
      await once(child, 'close')
      expect(text).toMatch(/\/dev\/(pts\/|tty)\w+\r\n41 101\r\n/)
      expect(text).toContain('code 4')
    })
  })

  describe.each(transports)('attach over $transport', ({ transport, env }) => {
    test('shows what is written from then on, and ends with the pod', async () => {
      const script = 'echo early; sleep 3; for at in 1 2 3; do echo line $at; done; exit 5'
      const name = `short-${transport.toLowerCase()}`
      const run = ['run', name, '--attach', '--restart=Never', '--image=porpulsion/command']
      const { code, stdout } = await kubectl.run([...run, '--command', '--', 'sh', '-c', script], {
        env,
      })
      expect(stdout).toMatch(/line 1\nline 2\nline 3\n/)
      expect(code).toBe(5)
    })

    test('run -i pipes into a program, and tells how it ended', async () => {
      const name = `piped-${transport.toLowerCase()}`
      const script = 'while read -r line; do echo "got $line"; done; echo end; exit 6'
      const run = ['run', name, '-i', '--restart=Never', '--image=porpulsion/command']
      const { code, stdout } = await kubectl.run([...run, '--command', '--', 'sh', '-c', script], {
        env,
        stdin: 'one\ntwo\n',
      })
      expect(stdout).toContain('got one\ngot two\nend\n')
      expect(code).toBe(6)
    })

    test('attach -it is at the terminal of the program', async () => {
      const name = `shell-${transport.toLowerCase()}`
      const run = `run ${name} --image=porpulsion/command --stdin --tty --attach=false`
      await kubectl.out([...run.split(' '), '--command', '--', 'sh'])
      await kubectl.out(`wait --for=condition=Ready pod/${name} --timeout=20s`)
      const script = `stty cols 101 rows 41; "$KUBECTL" attach -it ${name}`
      const child = spawn('script', ['-qec', script, '/dev/null'], {
        env: { ...process.env, ...env, KUBECONFIG: kubeconfig, KUBECTL: path },
        stdio: ['pipe', 'pipe', 'inherit'],
        timeout: 30_000,
      })
      let text = ''
      let isAtWork = false
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        if (isAtWork || !text.includes('try pressing enter')) return
        isAtWork = true
        child.stdin.write('tty; stty size; exit\n')
      })
      await once(child, 'close')
      expect(text).toMatch(/\/dev\/(pts\/|tty)\w+\r\n41 101\r\n/)
    })

    test('is left without any harm to the pod', async () => {
      const name = `ticks-${transport.toLowerCase()}`
      await kubectl.out(`run ${name} --image=porpulsion/ticker`)
      await kubectl.out(`wait --for=condition=Ready pod/${name} --timeout=20s`)
      const child = spawn(path, ['attach', name], {
        env: { ...process.env, ...env, KUBECONFIG: kubeconfig },
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      onTestFinished(() => void child.kill())
      const closed = once(child, 'close')
      const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
      expect(line).toMatch(new RegExp(`^\\d+ \\S+ tick from ${name}$`))
      child.kill()
      await closed
      expect(await kubectl.out(`get pod ${name} --no-headers`)).toMatch(/ 1\/1 +Running +0 /)
    })
  })

  test('cp brings a file there and back', async () => {
    const bytes = randomBytes(300_000)
    await writeFile(join(dir, 'there'), bytes)
    await kubectl.out(`cp ${join(dir, 'there')} web:copied`)
    await kubectl.out(`cp web:copied ${join(dir, 'and-back')}`)
    expect(await readFile(join(dir, 'and-back'))).toEqual(bytes)
  })

  /** Resolves to the local port. */
  async function forwarded(): Promise<number> {
    const child = spawn(path, ['port-forward', 'pod/web', ':8080'], {
      env: { ...process.env, KUBECONFIG: kubeconfig },
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 30_000,
    })
    onTestFinished(() => void child.kill())
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
    return Number(/127\.0\.0\.1:(\d+)/.exec(line)?.[1])
  }

  test('port-forward leads to the pod, many times at once', async () => {
    const port = await forwarded()
    const answers = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const response = await fetch(`http://127.0.0.1:${port}/bytes/100000`)
        return (await response.arrayBuffer()).byteLength
      }),
    )
    expect(answers).toEqual(Array.from({ length: 12 }, () => 100_000))
  })

  test('a pod that ends a forwarded connection ends it for a client that waits for that', async () => {
    const socket = connect({ port: await forwarded(), host: '127.0.0.1', allowHalfOpen: true })
    onTestFinished(() => void socket.destroy())
    socket.write('GET /bytes/100000 HTTP/1.1\r\nhost: pod\r\nconnection: close\r\n\r\n')
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk as Buffer)
    expect(Buffer.concat(chunks).length).toBeGreaterThan(100_000)
  })

  test('top shows what pods and the node use', async () => {
    expect(await kubectl.out('top pods --no-headers')).toMatch(/^web +\d+m +\d+Mi *$/m)
    expect(await kubectl.out('top nodes --no-headers')).toMatch(
      /^exec-node +\d+m +\d+% +\d+Mi +\d+%/m,
    )
  })

  test('no command runs where host processes are not allowed, and kubectl says why', async () => {
    const strict = await startEmbeddedCluster({ name: 'strict' })
    onTestFinished(() => strict.stop())
    const file = join(dir, 'strict')
    await writeFile(file, strict.kubeconfig())
    const careful = new Kubectl(path, file)
    await careful.out('run web --image=porpulsion/hello')
    await careful.out('wait --for=condition=Ready pod/web --timeout=20s')
    const outcome = await careful.run('exec web -- id')
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toMatch(
      /\(Forbidden\): .* start the cluster with --allow-host-processes/,
    )
  })
})
