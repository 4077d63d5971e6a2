import { once } from 'node:events'
import type { ChannelStream, StreamHandler, StreamOutcome } from '@porpulsion/protocol'
import { expect, test } from 'vitest'
import { StreamDuplex } from './stream-duplex.ts'

/** A stream of the channel, played by the test. */
class PlayedStream implements ChannelStream {
  readonly id = 1
  readonly openedBy = 'peer'
  readonly header = new Uint8Array(0)
  unreadBytes = 0
  readEnded = false
  outcome: StreamOutcome | undefined
  readonly resets: string[] = []
  readonly written: string[] = []
  isClosed = false
  handler: StreamHandler | undefined

  handle(handler: StreamHandler): void {
    this.handler = handler
  }

  read = (): undefined => undefined

  write(bytes: Uint8Array): boolean {
    this.written.push(Buffer.from(bytes).toString())
    return true
  }

  close(): void {
    this.isClosed = true
  }

  reset(code: string): void {
    this.resets.push(code)
    this.end('local', code)
  }

  end(by: 'local' | 'peer' | 'session', code: string): void {
    this.outcome = { kind: 'reset', by, code, message: '' }
    this.handler?.onClosed(this.outcome)
  }
}

function aDuplex() {
  const stream = new PlayedStream()
  const duplex = new StreamDuplex(stream, ({ code }) => new Error(code))
  return { stream, duplex }
}

test.each([
  ['the peer', 'peer', 'Cancelled'],
  ['our own session, for a bound of the channel', 'local', 'SessionMemoryExceeded'],
  ['the end of the session', 'session', 'SessionEnded'],
] as const)('who reads a stream that was reset by %s gets an error', async (_who, by, code) => {
  const { stream, duplex } = aDuplex()
  duplex.resume()
  const failed = once(duplex, 'error')
  stream.end(by, code)
  await expect(failed).resolves.toHaveLength(1)
  expect(duplex.destroyed).toBe(true)
})

test('a duplex that its user destroys resets the stream, once, and is no error', async () => {
  const { stream, duplex } = aDuplex()
  const errors: unknown[] = []
  duplex.on('error', (error) => errors.push(error))
  duplex.destroy()
  await once(duplex, 'close')
  expect(stream.resets).toEqual(['Cancelled'])
  expect(errors).toEqual([])
})

test('what was written last is still sent when both directions have ended, the other one first', async () => {
  const { stream, duplex } = aDuplex()
  duplex.resume()
  stream.readEnded = true
  stream.handler?.onReadable()
  await once(duplex, 'end')
  duplex.end('the last words')
  await once(duplex, 'close')
  expect(stream.written.join()).toBe('the last words')
  expect(stream.isClosed).toBe(true)
  expect(stream.resets).toEqual([])
})
