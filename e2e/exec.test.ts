/** Commands in a pod at the peer, typed by a user and run by a script, through two agents and two clusters. */
import { execFile, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startDemo, type Demo } from './support/demo.ts'
import { eventually } from './support/eventually.ts'
import { launcher } from './support/launcher.ts'

const run = promisify(execFile)

describe('commands in the pod of an app at a peer', () => {
  let demo: Demo

  beforeAll(async () => {
    demo = await startDemo()
  })
  afterAll(() => demo.remove())

  const exec = (...args: string[]) => demo.cli('app', 'exec', 'hello', ...args)

  /** As a script does it, with bytes that are no text. */
  async function piped(input: Buffer, ...args: string[]): Promise<Buffer> {
    const child = demo.start('app', 'exec', 'hello', ...args)
    const chunks: Buffer[] = []
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stdin?.end(input)
    const [code] = (await once(child, 'close')) as [number]
    expect(code).toBe(0)
    return Buffer.concat(chunks)
  }

  /** Resolves once it has begun. */
  async function whileItRuns(): Promise<{ ended: Promise<{ code: number; stderr: string }> }> {
    const child = demo.start('app', 'exec', 'hello', '--', 'sh', '-c', 'echo here; sleep 600')
    let stderr = ''
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const ended = once(child, 'close').then(([code]) => ({ code: code as number, stderr }))
    if (child.stdout !== null) await once(child.stdout, 'data')
    return { ended }
  }

  test('what it writes is ours on the same channel, and so is its exit code', async () => {
    const ended = await exec('--', 'sh', '-c', 'echo out; echo err >&2; exit 7')
    expect(ended).toEqual({ code: 7, stdout: 'out\n', stderr: 'err\n' })
  })

  test('five megabytes of anything go there and come back', async () => {
    const sent = randomBytes(5 * 1024 * 1024)
    const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
    const there = await piped(sent, '-i', '--', 'sha256sum')
    expect(there.toString()).toBe(`${hash(sent)}  -\n`)
    expect(hash(await piped(sent, '-i', '--', 'cat'))).toBe(hash(sent))
  })

  test('in a terminal it has the size of ours, also when that changes, and hears Ctrl-C', async () => {
    const ttyFile = join(demo.dir, 'tty')
    const words = [process.execPath, launcher, '--context', 'a', 'app', 'exec', 'hello', '-it']
    const command = `tty > ${ttyFile}; stty cols 101 rows 33; exec ${words.join(' ')} -- sh`
    const terminal = spawn('script', ['-qefc', command, '/dev/null'], {
      env: { ...process.env, PORPULSION_CONFIG: join(demo.dir, 'config.yaml') },
    })
    onTestFinished(() => void terminal.kill('SIGKILL'))
    let shown = ''
    terminal.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()))
    const says = async (words: string): Promise<void> => {
      await eventually(`the terminal shows ${words}`, 20_000, () => {
        expect(shown).toContain(words)
        return Promise.resolve()
      })
    }
    terminal.stdin.write('echo begin-$((40+2)); stty size\r')
    await says('begin-42')
    await says('33 101')
    terminal.stdin.write('stty -onlcr; echo straight; echo down-$((1+1)); stty onlcr\r')
    await says('straight\ndown-2\n')
    const tty = (await readFile(ttyFile, 'utf8')).trim()
    await run('stty', ['-F', tty, 'cols', '120', 'rows', '40'])
    await eventually('the new size is there', 20_000, () => {
      terminal.stdin.write('stty size\r')
      expect(shown).toContain('40 120')
      return Promise.resolve()
    })
    terminal.stdin.write('echo asleep-$((1+1)); sleep 600\r')
    await says('asleep-2')
    terminal.stdin.write('\x03')
    terminal.stdin.write('exit 5\r')
    const [code] = (await once(terminal, 'close')) as [number]
    expect(code).toBe(5)
  })

  test('a program that is not there is named, with what to do', async () => {
    const { code, stderr } = await exec('--', 'no-such-program')
    expect(code).toBe(4)
    expect(stderr).toContain('no-such-program')
    expect(stderr).toContain('[ExecFailed]')
  })

  test('the owner of the host switches commands off, and what runs ends', async () => {
    const running = await whileItRuns()
    await demo.cli('--context', 'b', 'settings', 'set', 'exec.enabled=false')
    const { code, stderr } = await running.ended
    expect([code, stderr]).toEqual([3, expect.stringContaining('[ExecOff]')])
    expect((await exec('--', 'true')).stderr).toContain('[ExecOff]')
    await demo.cli('--context', 'b', 'settings', 'set', 'exec.enabled=true')
    expect((await exec('--', 'true')).code).toBe(0)
  })

  test('an agent that is killed ends the command with a word, not in silence', async () => {
    const running = await whileItRuns()
    process.kill((await demo.pids()).agentB, 'SIGKILL')
    const { code, stderr } = await running.ended
    expect([code, stderr]).toEqual([6, expect.stringContaining('[LinkDown]')])
  })
})
