import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import {
  decodeExecMessage,
  encodeExecFailure,
  encodeExecMessage,
  encodeExit,
  ExecChannel,
  execSubprotocol,
  PorpulsionError,
  toProblem,
} from '@porpulsion/contract'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import { runCli } from '../src/index.ts'
import { fakeToken } from './fake-agent.ts'
import { run, temporaryDirectory } from './run.ts'

interface Terminal {
  readonly socket: WebSocket
  readonly request: IncomingMessage
}

/** An agent whose terminals are played by `play`. */
async function aTerminalAgent(play: (terminal: Terminal) => void): Promise<{ url: string }> {
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => execSubprotocol })
  const server = createServer()
  server.on('upgrade', (request, connection, head) =>
    sockets.handleUpgrade(request, connection, head, (socket) => play({ socket, request })),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const stdout = (bytes: string | Uint8Array) =>
  encodeExecMessage(ExecChannel.Stdout, Buffer.from(bytes))

test('the words after -- are asked for, and the exit code of the command becomes ours', async () => {
  let asked: IncomingMessage | undefined
  const agent = await aTerminalAgent(({ socket, request }) => {
    asked = request
    socket.send(stdout('out\n'))
    socket.send(encodeExecMessage(ExecChannel.Stderr, Buffer.from('err\n')))
    socket.send(encodeExit(7))
    socket.close()
  })
  const words = ['--', 'sh', '-c', 'exit 7']
  const given = await run(['app', 'exec', 'web', '-n', 'shop', '-c', 'app', ...words], { agent })
  expect(given).toEqual({ code: 7, stdout: 'out\n', stderr: 'err\n' })
  expect(asked?.url).toBe(
    '/api/remoteapp/web/exec?namespace=shop&command=sh&command=-c&command=exit+7&container=app',
  )
  expect(asked?.headers.authorization).toBe(`Bearer ${fakeToken}`)
})

test('-i passes stdin on, byte by byte, and its end', async () => {
  const hash = createHash('sha256')
  const agent = await aTerminalAgent(({ socket }) => {
    socket.on('message', (message: Buffer) => {
      const { channel, bytes = new Uint8Array() } = decodeExecMessage(message) ?? {}
      if (channel === ExecChannel.Stdin) hash.update(bytes)
      if (channel !== ExecChannel.Close) return
      socket.send(stdout(hash.digest('hex')))
      socket.send(encodeExit(0))
      socket.close()
    })
  })
  const input = 'é'.repeat(300_000)
  const given = await run(['app', 'exec', 'web', '-i', '--', 'sha256sum'], { agent, stdin: input })
  expect(given.stdout).toBe(createHash('sha256').update(input).digest('hex'))
  expect(given.code).toBe(0)
})

test('a command that could not be started says so, with its code and what to do', async () => {
  const agent = await aTerminalAgent(({ socket }) => {
    const error = new PorpulsionError('FailedPrecondition', 'ExecFailed', 'no such program')
    socket.send(encodeExecFailure(error))
    socket.close()
  })
  const { code, stderr } = await run(['app', 'exec', 'web', '--', 'x'], { agent })
  expect(code).toBe(4)
  expect(stderr).toContain('no such program [ExecFailed]')
  expect(stderr).toContain('next:')
})

test('a refusal before the upgrade is an error like any other', async () => {
  const server = createServer()
  server.on('upgrade', (_request, connection) => {
    const problem = toProblem(new PorpulsionError('Forbidden', 'RoleTooLow', 'You are viewer'))
    const body = JSON.stringify(problem)
    connection.end(
      `HTTP/1.1 403 Forbidden\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { code, stderr } = await run(['app', 'exec', 'web', '--', 'x'], { agent: { url } })
  expect(code).toBe(3)
  expect(stderr).toContain('[RoleTooLow]')
})

test.each([
  ['the agent breaks off', (socket: WebSocket) => socket.terminate(), 6, 'AgentUnreachable'],
  [
    'the agent stops',
    (socket: WebSocket) => socket.close(1001, 'AgentStopping'),
    6,
    'AgentStopping',
  ],
  ['the session ended', (socket: WebSocket) => socket.close(1008, 'NotSignedIn'), 3, 'NotSignedIn'],
  ['no status came', (socket: WebSocket) => socket.close(1000), 6, 'ExecLost'],
] as const)('%s in the middle: that is no success', async (_what, end, exitCode, words) => {
  const agent = await aTerminalAgent(({ socket }) => {
    socket.send(stdout('half'), () => end(socket))
  })
  const { code, stderr } = await run(['app', 'exec', 'web', '--', 'x'], { agent })
  expect(code).toBe(exitCode)
  expect(stderr).toContain(words)
})

test('Ctrl-C without a terminal ends it here, with 130', async () => {
  const abort = new AbortController()
  const agent = await aTerminalAgent(() => abort.abort())
  const { code } = await run(['app', 'exec', 'web', '--', 'sleep', '60'], {
    agent,
    signal: abort.signal,
  })
  expect(code).toBe(130)
})

test('-t without a terminal is refused, with the mend', async () => {
  const { code, stderr } = await run(['app', 'exec', 'web', '-it', '--', 'sh'])
  expect(code).toBe(2)
  expect(stderr).toContain('[NotATerminal]')
  expect(stderr).toContain('leave -t out')
})

test('nothing to run is refused, with an example', async () => {
  const { code, stderr } = await run(['app', 'exec', 'web'])
  expect(code).toBe(2)
  expect(stderr).toContain('app exec web -it -- sh')
})

test('-it: raw mode, sizes, keys and Ctrl-C go to the command, and the terminal is given back', async () => {
  const seen: string[] = []
  const raw: boolean[] = []
  let passedOnIn: boolean | undefined
  let asked = ''
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (on: boolean) => void raw.push(on),
    passOutputOn: () => void (passedOnIn = raw.at(-1)),
  })
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 })
  const agent = await aTerminalAgent(({ socket, request }) => {
    asked = request.url ?? ''
    socket.on('message', (message: Buffer) => {
      seen.push(`${message[0]}:${message.toString('utf8', 1)}`)
      if (seen.length === 1) {
        Object.assign(output, { columns: 120, rows: 40 })
        output.emit('resize')
      }
      if (seen.length === 2) {
        socket.send(encodeExit(0))
        socket.close()
      }
    })
    stdin.write('\x03')
  })
  const config = `${await temporaryDirectory()}/config.json`
  const { writeFile } = await import('node:fs/promises')
  const context = { name: 'test', url: agent.url, token: fakeToken }
  await writeFile(config, JSON.stringify({ currentContext: 'test', contexts: [context] }))
  const code = await runCli(['app', 'exec', 'web', '-it', '--', 'sh'], {
    stdin,
    stdout: output,
    stderr: new PassThrough(),
    env: { PORPULSION_CONFIG: config },
    cwd: '/',
    signal: new AbortController().signal,
    self: { command: process.execPath, args: [] },
    announceReady: () => undefined,
    now: () => 0,
  })
  expect(code).toBe(0)
  expect(asked).toContain('stdin=true&tty=true&columns=80&rows=24')
  expect(seen).toEqual(['0:\x03', '4:{"width":120,"height":40}'])
  expect(raw).toEqual([true, false])
  expect(passedOnIn).toBe(true)
})
