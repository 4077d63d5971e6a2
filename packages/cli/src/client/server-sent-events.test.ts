import fc from 'fast-check'
import { expect, test } from 'vitest'
import { serverSentEvents, type ServerSentEvent } from './server-sent-events.ts'

async function eventsOf(chunks: readonly Uint8Array[]): Promise<ServerSentEvent[]> {
  async function* source(): AsyncGenerator<Uint8Array> {
    await Promise.resolve()
    yield* chunks
  }
  const events: ServerSentEvent[] = []
  for await (const event of serverSentEvents(source())) events.push(event)
  return events
}

const stream = `: hello

id: 1
data: {"é":1}

: still here
event: ignored
data: first
data: second
id: 2

retry: 3000

data: cut off`

const expected = [
  { id: '1', data: '{"é":1}' },
  { id: '2', data: 'first\nsecond' },
]

test('events have their data and id; comments and a cut end are none', async () => {
  expect(await eventsOf([Buffer.from(stream)])).toEqual(expected)
  expect(await eventsOf([Buffer.from(stream.replaceAll('\n', '\r\n'))])).toEqual(expected)
})

test('fragmentation changes nothing, not even inside a character', async () => {
  const bytes = Buffer.from(stream)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 20 }), async (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
      const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end))
      expect(await eventsOf(chunks)).toEqual(expected)
    }),
    { numRuns: 200 },
  )
})
