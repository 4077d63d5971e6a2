/** Commands over a link between two agents, as they are meant and as a hostile peer means them. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { Duplex } from 'node:stream'
import {
  defaultSettings,
  encodeExecMessage,
  encodeResize,
  encodeStdinEnd,
  ExecChannel,
  PorpulsionError,
} from '@porpulsion/contract'
import { describe, expect, test, vi } from 'vitest'
import { encodeExecFrame } from '../src/exec/exec-frames.ts'
import type { ExecInput } from '../src/exec/index.ts'
import { MAX_COMMANDS_PER_PEER, START_TIMEOUT_MS } from '../src/exec/limits.ts'
import { anExecPair, resultOf, web, type ExecPair, type RunCommand } from './support/exec-pair.ts'

const stdin = (bytes: Uint8Array) => encodeExecMessage(ExecChannel.Stdin, bytes)
const signal = new AbortController().signal

/** A command that writes what it is told to, and keeps what it is given. */
function aScriptedCommand(): {
  readonly run: RunCommand
  readonly inputs: ExecInput[]
  readonly streams: Duplex[]
} {
  const inputs: ExecInput[] = []
  const streams: Duplex[] = []
  return {
    inputs,
    streams,
    run: () => {
      const stream = new Duplex({
        objectMode: true,
        readableHighWaterMark: 4,
        read: () => undefined,
        write(input: ExecInput, _encoding, done) {
          inputs.push(input)
          done()
        },
      })
      streams.push(stream)
      const explain = (error: Error): PorpulsionError =>
        new PorpulsionError('FailedPrecondition', 'ExecFailed', error.message)
      return Promise.resolve({ pod: 'web-1', container: 'app', stream, explain })
    },
  }
}

/** The same stream without our own care: whatever a peer likes. */
const openRaw = ({ submitter, host }: ExecPair, target = {}): Promise<Duplex> =>
  submitter.links.openExec(
    host.identity.fingerprint,
    { app: web.uid, command: ['sh'], tty: false, stdin: true, ...target },
    signal,
  )

const failureOf = async (stream: Duplex): Promise<unknown> => {
  stream.resume()
  const [error] = (await once(stream, 'error')) as [unknown]
  return error
}

describe('a command at a peer', () => {
  test('says what it writes, on both channels, and its exit code', async () => {
    const { open } = await anExecPair()
    const messages = await open({ command: ['sh', '-c', 'echo out; echo err >&2; exit 7'] })
    const { stdout, stderr, status } = await resultOf(messages)
    expect(stdout.toString()).toBe('out\n')
    expect(stderr).toBe('err\n')
    expect(status).toEqual({ exitCode: 7 })
  })

  test('reads five megabytes of anything to their end, and writes them back', async () => {
    const { open } = await anExecPair()
    const sent = Buffer.alloc(5 * 1024 * 1024)
    for (let at = 0; at < sent.length; at++) sent[at] = (at * 31 + (at >> 8)) % 256
    const messages = await open({ command: ['cat'], stdin: true })
    const write = async (): Promise<void> => {
      for (let at = 0; at < sent.length; at += 65_536)
        if (!messages.write(stdin(sent.subarray(at, at + 65_536)))) await once(messages, 'drain')
      messages.write(encodeStdinEnd())
    }
    const [{ stdout, status }] = await Promise.all([resultOf(messages), write()])
    const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
    expect(hash(stdout)).toBe(hash(sent))
    expect(status).toEqual({ exitCode: 0 })
  })

  test('is told the size of its terminal, at first and whenever it changes', async () => {
    const { run, inputs } = aScriptedCommand()
    const { open } = await anExecPair(run)
    const messages = await open({ command: ['sh'], tty: true, stdin: true, columns: 80, rows: 24 })
    messages.write(encodeResize({ width: 120, height: 40 }))
    messages.write(stdin(Buffer.from('x')))
    messages.write(encodeStdinEnd())
    await vi.waitFor(() =>
      expect(inputs).toEqual([
        { kind: 'resize', width: 80, height: 24 },
        { kind: 'resize', width: 120, height: 40 },
        { kind: 'stdin', bytes: Buffer.from('x') },
        { kind: 'stdinEnd' },
      ]),
    )
    messages.destroy()
  })

  test('that cannot be started says why, in the words of its host', async () => {
    const { run, streams } = aScriptedCommand()
    const { open } = await anExecPair(run)
    const messages = await open({ command: ['nonsense'] })
    streams[0]?.push({ kind: 'failed', error: new Error('no such program') })
    streams[0]?.push(null)
    const { status } = await resultOf(messages)
    expect(status).toMatchObject({
      code: 'ExecFailed',
      detail: 'Peer "b" says: "no such program"',
    })
  })

  test('ends when who asked for it goes', async () => {
    const { open, running } = await anExecPair()
    const messages = await open({ command: ['sleep', '60'] })
    expect(running.size).toBe(1)
    messages.destroy()
    await vi.waitFor(() => expect(running.size).toBe(0))
  })

  test('says that the link was lost, and does not look like a success', async () => {
    const { open, host } = await anExecPair()
    const messages = await open({ command: ['sleep', '60'] })
    const result = resultOf(messages)
    await host.stop()
    expect((await result).status).toMatchObject({ code: 'LinkDown', status: 503 })
  })

  test('gets nothing from a client on channels that are not the client’s', async () => {
    const { open } = await anExecPair()
    const messages = await open({ command: ['sleep', '60'] })
    messages.write(encodeExecMessage(ExecChannel.Status, Buffer.from('{"exitCode":0}')))
    expect((await resultOf(messages)).status).toMatchObject({ code: 'InvalidRequest' })
  })

  test('that its host does not start in time is not waited for', async () => {
    const { open, asked, clock } = await anExecPair(() => new Promise(() => undefined))
    const opening = open({ command: ['sh'] })
    await vi.waitFor(() => expect(asked).toHaveLength(1))
    await Promise.all([
      expect(opening).rejects.toMatchObject({ kind: 'Timeout', code: 'PeerTimeout' }),
      clock.advance(START_TIMEOUT_MS),
    ])
  })

  test('too long for its header is refused with the mend', async () => {
    const { open } = await anExecPair()
    const command = ['sh', '-c', 'x'.repeat(13 * 1024)]
    await expect(open({ command })).rejects.toThrow('through stdin')
  })
})

describe('the owner of the host', () => {
  test('switches commands off: none is started, and the open one is cut', async () => {
    const { open, changeSettings, running } = await anExecPair()
    const messages = await open({ command: ['sleep', '60'] })
    const result = resultOf(messages)
    changeSettings({ exec: { enabled: false } })
    expect((await result).status).toMatchObject({ code: 'ExecOff', status: 403 })
    await vi.waitFor(() => expect(running.size).toBe(0))
    await expect(open({ command: ['true'] })).rejects.toMatchObject({ code: 'ExecOff' })
    changeSettings({ exec: { enabled: true } })
    const again = await resultOf(await open({ command: ['true'] }))
    expect(again.status).toEqual({ exitCode: 0 })
  })

  test('deletes the app: its commands are cut, though its pods may take their time', async () => {
    const { open, removeApp, running } = await anExecPair()
    const result = resultOf(await open({ command: ['sleep', '60'] }))
    removeApp()
    expect((await result).status).toMatchObject({ code: 'AppNotFound', status: 404 })
    await vi.waitFor(() => expect(running.size).toBe(0))
  })

  test('switches them off for one peer, or on', async () => {
    const { open, changeSettings } = await anExecPair()
    changeSettings({ peers: { a: { exec: { enabled: false } } } })
    await expect(open({ command: ['true'] })).rejects.toMatchObject({ code: 'ExecOff' })
    changeSettings({ exec: { enabled: false }, peers: { a: { exec: { enabled: true } } } })
    expect((await resultOf(await open({ command: ['true'] }))).status).toEqual({ exitCode: 0 })
    changeSettings({ ...defaultSettings })
  })

  test('reads who ran what where, and never its arguments', async () => {
    const { open, audited } = await anExecPair(aScriptedCommand().run)
    for (const command of [['sh', '-c', 'true --password=hunter2'], ['a line: hunter2']])
      (await open({ command })).destroy()
    expect(audited[0]).toEqual({
      actor: 'peer/a',
      action: 'exec',
      about: `app/web,${web.uid} pod/web-1 sh`,
      outcome: 'done',
    })
    expect(JSON.stringify(audited)).not.toContain('hunter2')
  })
})

describe('a hostile peer', () => {
  test('runs nothing in an app that is not its own', async () => {
    const pair = await anExecPair()
    await expect(openRaw(pair, { app: 'somebody-elses' })).rejects.toMatchObject({
      code: 'AppNotFound',
    })
    expect(pair.asked).toEqual([])
    expect(pair.audited).toMatchObject([{ outcome: 'refused', reason: 'AppNotFound' }])
  })

  test('sends a frame over its size: its stream ends, alone', async () => {
    const { run } = aScriptedCommand()
    const pair = await anExecPair(run)
    const [bad, good] = [await openRaw(pair), await openRaw(pair)]
    const failure = failureOf(bad)
    bad.write(Buffer.from([0, 0xff, 0xff, 0xff, 0xff]))
    expect(await failure).toMatchObject({ code: 'PeerProtocolError' })
    expect(good.destroyed).toBe(false)
    await vi.waitFor(() => expect(pair.running.size).toBe(1))
    good.destroy()
  })

  test('sends channels nobody knows and nonsense on those we do: skipped', async () => {
    const { run, inputs } = aScriptedCommand()
    const pair = await anExecPair(run)
    const stream = await openRaw(pair)
    stream.write(encodeExecFrame(9 as ExecChannel, Buffer.from('later')))
    stream.write(encodeExecFrame(ExecChannel.Resize, Buffer.from('{"width":-1}')))
    stream.write(encodeExecFrame(ExecChannel.Status, Buffer.from('{"exitCode":0}')))
    stream.write(encodeExecFrame(ExecChannel.Close, Buffer.from([])))
    stream.write(encodeExecFrame(ExecChannel.Stdin, Buffer.from('x')))
    await vi.waitFor(() => expect(inputs).toEqual([{ kind: 'stdin', bytes: Buffer.from('x') }]))
    stream.destroy()
  })

  test('gives input to a command that takes none: it never arrives', async () => {
    const { run, inputs } = aScriptedCommand()
    const pair = await anExecPair(run)
    const stream = await openRaw(pair, { stdin: false })
    stream.write(encodeExecFrame(ExecChannel.Stdin, Buffer.from('x')))
    stream.write(encodeExecFrame(ExecChannel.Resize, Buffer.from('{"width":1,"height":1}')))
    await vi.waitFor(() => expect(inputs).toEqual([{ kind: 'resize', width: 1, height: 1 }]))
    stream.destroy()
  })

  test('never reads what its command writes: the command waits, and memory is bounded', async () => {
    const { run, streams } = aScriptedCommand()
    const pair = await anExecPair(run)
    const stream = await openRaw(pair)
    stream.pause()
    const [command] = streams
    let written = 0
    for (let quiet = 0; quiet < 200; quiet++) {
      while (command?.push({ kind: 'stdout', bytes: Buffer.alloc(60_000) }) === true) {
        written += 60_000
        quiet = 0
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    // A window of 256 KiB, and what lies in the buffers on the way to it.
    expect(written).toBeLessThan(2 * 1024 * 1024)
    stream.destroy()
  })

  test('runs as many at once as there is room for, and has it back when they end', async () => {
    const { run } = aScriptedCommand()
    const pair = await anExecPair(run)
    const open = await Promise.all(
      Array.from({ length: MAX_COMMANDS_PER_PEER }, () => openRaw(pair)),
    )
    await expect(openRaw(pair)).rejects.toMatchObject({ code: 'TooManyStreams' })
    open[0]?.destroy()
    await vi.waitFor(async () => {
      open.push(await openRaw(pair))
    })
    for (const stream of open) stream.destroy()
  })
})
