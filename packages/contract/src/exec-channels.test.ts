import { expect, test } from 'vitest'
import { PorpulsionError } from './errors.ts'
import {
  decodeExecMessage,
  encodeExecFailure,
  encodeExecMessage,
  encodeExit,
  encodeResize,
  encodeStdinEnd,
  ExecChannel,
  maxExecPayloadBytes,
  readExecStatus,
  readResize,
} from './exec-channels.ts'

const bytesOf = (message: Uint8Array): Uint8Array => decodeExecMessage(message)?.bytes ?? message

test('a message is its channel and its bytes', () => {
  const message = encodeExecMessage(ExecChannel.Stdin, Uint8Array.of(0, 255))
  expect([...message]).toEqual([0, 0, 255])
  expect(decodeExecMessage(message)).toEqual({
    channel: ExecChannel.Stdin,
    bytes: Uint8Array.of(0, 255),
  })
  expect([...encodeStdinEnd()]).toEqual([255, 0])
})

test.each([
  ['nothing', new Uint8Array()],
  ['a channel nobody knows', Uint8Array.of(9, 1)],
  ['more than one message holds', new Uint8Array(maxExecPayloadBytes + 2)],
])('%s is no message', (_what, bytes) => {
  expect(decodeExecMessage(bytes)).toBeUndefined()
})

test('sizes and exit codes come back as they went', () => {
  expect(readResize(bytesOf(encodeResize({ width: 120, height: 40 })))).toEqual({
    width: 120,
    height: 40,
  })
  expect(readExecStatus(bytesOf(encodeExit(7)))).toEqual({ exitCode: 7 })
})

test('a failure is a problem document, however long its words', () => {
  const error = new PorpulsionError('FailedPrecondition', 'ExecFailed', 'x'.repeat(1_000_000))
  const message = encodeExecFailure(error)
  expect(message.length).toBeLessThan(maxExecPayloadBytes)
  expect(readExecStatus(bytesOf(message))).toMatchObject({ code: 'ExecFailed', status: 409 })
})

test.each(['', '{}', '{"exitCode":-1}', '{"exitCode":"0"}', '[]', '{"width":0,"height":1}'])(
  '%s is neither a status nor a size',
  (text) => {
    const bytes = new TextEncoder().encode(text)
    expect(readExecStatus(bytes)).toBeUndefined()
    expect(readResize(bytes)).toBeUndefined()
  },
)
