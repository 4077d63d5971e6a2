import { Readable, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import type { CommandSession } from '../../registry/ports.ts'
import { joinCommand } from './remote-command.ts'

/** Writes its chunks and is gone at once, as programs do whose output fits a pipe. */
function commandWriting(chunks: readonly string[]): CommandSession {
  return {
    stdout: Readable.from(chunks, { objectMode: false }),
    ended: Promise.resolve({ kind: 'exited', exitCode: 0 }),
    resize: () => undefined,
    kill: () => undefined,
  }
}

test('how it ended is told when a client that takes its time has all of the output', async () => {
  const told: string[] = []
  const stdout = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      setImmediate(() => {
        told.push(chunk.toString())
        done()
      })
    },
  })
  await joinCommand(commandWriting(['one', 'two', 'three']), {
    stdout,
    onResize: () => undefined,
    gone: new AbortController().signal,
    finish: ({ status = '' }) => {
      told.push(status)
      return Promise.resolve()
    },
  })
  expect(told).toEqual(['one', 'two', 'three', 'Success'])
})

test('a client that goes in the middle of the output ends the command', async () => {
  const gone = new AbortController()
  let wasKilled = false
  const stdout = new Writable({
    write: (_chunk, _encoding, done) => {
      gone.abort()
      done(new Error('the connection is gone'))
    },
  })
  const told: unknown[] = []
  await joinCommand(
    { ...commandWriting(['one', 'two']), kill: () => (wasKilled = true) },
    {
      stdout,
      onResize: () => undefined,
      gone: gone.signal,
      finish: (status) => Promise.resolve(void told.push(status)),
    },
  )
  expect({ wasKilled, told }).toMatchObject({ wasKilled: true, told: [{ status: 'Success' }] })
})
