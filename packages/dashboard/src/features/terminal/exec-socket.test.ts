import {
  encodeExecMessage,
  encodeExit,
  encodeExecFailure,
  ExecChannel,
  PorpulsionError,
  toProblem,
} from '@porpulsion/contract'
import { beforeEach, expect, test, vi } from 'vitest'
import { openExec, type ExecEnd } from './exec-socket.ts'

class FakeSocket {
  readyState = 0
  binaryType = ''
  onopen?: () => void
  onmessage?: (event: { data: unknown }) => void
  onclose?: () => void
  readonly sent: Uint8Array[] = []
  readonly close = vi.fn()
  send(message: Uint8Array): void {
    this.sent.push(message)
  }
}

beforeEach(() => {
  vi.stubGlobal('WebSocket', { OPEN: 1 })
  return () => vi.unstubAllGlobals()
})

function running(answer: () => Promise<Response> = () => Promise.reject(new TypeError('away'))) {
  const socket = new FakeSocket()
  const urls: string[] = []
  const output: string[] = []
  const ends: ExecEnd[] = []
  const exec = openExec(
    'shop,web',
    { command: ['sh', '-c', 'echo a b'], tty: true, columns: 80 },
    {
      onOpen: () => undefined,
      onOutput: (bytes) => output.push(new TextDecoder().decode(bytes)),
      onEnd: (end) => ends.push(end),
    },
    {
      openSocket: (url) => {
        urls.push(url)
        return socket as unknown as WebSocket // has what is used of one
      },
      fetch: answer,
    },
  )
  const open = (): void => {
    socket.readyState = 1
    socket.onopen?.()
  }
  const receive = (message: Uint8Array<ArrayBuffer>): void =>
    socket.onmessage?.({ data: message.buffer })
  return { exec, socket, urls, output, ends, open, receive }
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

test('the command goes word by word, its output comes, its exit code ends it', () => {
  const { urls, output, ends, open, receive, socket } = running()
  expect(urls).toEqual([
    '/api/remoteapp/shop%2Cweb/exec?command=sh&command=-c&command=echo+a+b&tty=true&columns=80&refusals=inside',
  ])
  open()
  receive(encodeExecMessage(ExecChannel.Stdout, utf8('hi')))
  receive(encodeExecMessage(ExecChannel.Stderr, utf8('oh')))
  receive(encodeExit(7))
  socket.onclose?.()
  expect(output).toEqual(['hi', 'oh'])
  expect(ends).toEqual([{ kind: 'exited', exitCode: 7 }])
})

test('what is typed while the connection is made goes first when it is there', () => {
  const { exec, open, socket } = running()
  exec.write(utf8('a'))
  expect(socket.sent).toEqual([])
  open()
  exec.write(utf8('b'))
  expect(socket.sent.map((message) => message.at(-1))).toEqual([97, 98])
})

test('long input goes in messages of the size that is allowed', () => {
  const { exec, open, socket } = running()
  open()
  exec.write(new Uint8Array(64 * 1024 + 1))
  expect(socket.sent.map((message) => message.length)).toEqual([64 * 1024 + 1, 2])
})

test('why the host refused is told by the host', () => {
  const { ends, open, receive } = running()
  open()
  receive(
    encodeExecFailure(new PorpulsionError('Forbidden', 'AppNotAllowed', 'Terminals are off at b')),
  )
  expect(ends).toMatchObject([{ kind: 'failed', error: { message: 'Terminals are off at b' } }])
})

test('a connection that breaks says so; one that we close says nothing', () => {
  const broken = running()
  broken.open()
  broken.socket.onclose?.()
  expect(broken.ends).toMatchObject([{ kind: 'failed', error: { code: 'StreamInterrupted' } }])

  const closed = running()
  closed.open()
  closed.exec.close()
  closed.socket.onclose?.()
  expect(closed.ends).toEqual([])
})

test('what a browser hides of a refused WebSocket, a plain request finds out', async () => {
  const refusal = toProblem(new PorpulsionError('Forbidden', 'RoleTooLow', 'You are a viewer'))
  const { ends, socket } = running(() => Promise.resolve(Response.json(refusal, { status: 403 })))
  socket.onclose?.()
  await vi.waitFor(() => expect(ends).toHaveLength(1))
  expect(ends).toMatchObject([{ kind: 'failed', error: { message: 'You are a viewer' } }])
})

test('where the agent would have said yes, something in between does not pass WebSockets', async () => {
  const needed = toProblem(
    new PorpulsionError('Invalid', 'WebSocketNeeded', 'Ask with a WebSocket'),
  )
  const { ends, socket } = running(() => Promise.resolve(Response.json(needed, { status: 422 })))
  socket.onclose?.()
  await vi.waitFor(() => expect(ends).toHaveLength(1))
  expect(ends).toMatchObject([
    { kind: 'failed', error: { message: expect.stringContaining('A proxy') as string } },
  ])
})
