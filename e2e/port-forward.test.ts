/** Ports of an app at a peer as local ones: bytes of any protocol, through two agents and two clusters. */
import type { ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startDemo, type Demo } from './support/demo.ts'
import { eventually } from './support/eventually.ts'

/** Says back what it hears, and ends when its client has ended. */
const echo = `require('net')
  .createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  .listen(5432, process.env.HOST)`

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

describe('a port of an app at a peer', () => {
  let demo: Demo
  let forward: ChildProcess
  const children: ChildProcess[] = []
  let noted = ''
  let port = 0

  beforeAll(async () => {
    demo = await startDemo()
    const program = ['--command', process.execPath, '--', '-e', echo]
    const wanted = ['--peer', 'b', '--image', 'porpulsion/command', '--port', 'db:5432', '--wait']
    expect(await demo.cli('app', 'deploy', 'db', ...wanted, ...program)).toMatchObject({ code: 0 })
    forward = demo.start('app', 'port-forward', 'db', ':db', '--address', '127.0.0.1')
    children.push(forward)
    forward.stderr?.on('data', (chunk: Buffer) => (noted += chunk.toString()))
    let printed = ''
    forward.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    port = await eventually('it says where it listens', 20_000, () => {
      const [, chosen] = /^Forwarding from 127\.0\.0\.1:(\d+) -> 5432\n/.exec(printed) ?? []
      return chosen === undefined ? Promise.reject(new Error(noted)) : Promise.resolve(+chosen)
    })
  })
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL')
    await demo.remove()
  })

  async function dial(): Promise<Socket> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.on('error', () => undefined) // told by its close
    onTestFinished(() => void socket.destroy())
    await once(socket, 'connect')
    return socket
  }

  /** What comes back of what is sent, when our direction ends with it. */
  async function roundTrip(bytes: Buffer): Promise<Buffer> {
    const socket = await dial()
    socket.end(bytes)
    const chunks: Buffer[] = []
    for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk)
    return Buffer.concat(chunks)
  }

  test('carries twenty megabytes there and back, and its end behind them', async () => {
    const sent = randomBytes(20 * 1024 * 1024)
    expect(sha256(await roundTrip(sent))).toBe(sha256(sent))
  })

  test('carries a hundred connections at once, each its own bytes', async () => {
    const sent = Array.from({ length: 100 }, () => randomBytes(10_000))
    const back = await Promise.all(sent.map(roundTrip))
    expect(back.map(sha256)).toEqual(sent.map(sha256))
  })

  test('answers question after question on one connection', async () => {
    const socket = await dial()
    for (const question of ['select 1', 'select 2']) {
      socket.write(question)
      const [answer] = (await once(socket, 'data')) as [Buffer]
      expect(answer.toString()).toBe(question)
    }
  })

  test('is cut when the owner of the host switches tunnels off, and is back with them', async () => {
    const socket = await dial()
    socket.write('x')
    await once(socket, 'data')
    const closed = new Promise((resolve) => socket.once('close', resolve))
    await demo.cli('--context', 'b', 'settings', 'set', 'tunnels.mode=off')
    await closed
    await expect(roundTrip(Buffer.from('x'))).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(noted.match(/\[TunnelsOff\]/g)).toHaveLength(1)
    await demo.cli('--context', 'b', 'settings', 'set', 'tunnels.mode=allow')
    expect((await roundTrip(Buffer.from('x'))).toString()).toBe('x')
    await eventually('it says so', 5_000, () => {
      expect(noted).toContain('work again')
      return Promise.resolve()
    })
  })

  test('that it has not is refused with those it has', async () => {
    const { code, stderr } = await demo.cli('app', 'port-forward', 'db', '80')
    expect([code, stderr]).toEqual([4, expect.stringContaining('it has db (5432)')])
  })

  test('is a local one until Ctrl-C', async () => {
    const ended = once(forward, 'exit')
    forward.kill('SIGINT')
    expect(await ended).toEqual([0, null])
    await expect(dial()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})
