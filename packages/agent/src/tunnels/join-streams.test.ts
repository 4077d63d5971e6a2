import { once } from 'node:events'
import { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { joinStreams } from './join-streams.ts'

/** Takes what is written when `take` is called. */
function aSlowReader() {
  const taken: string[] = []
  const waiting: (() => void)[] = []
  const stream = new Duplex({
    read: () => undefined,
    write: (piece: Buffer, _encoding, done) => {
      waiting.push(() => {
        taken.push(piece.toString())
        done()
      })
    },
  })
  return { stream, taken, take: () => waiting.shift()?.() }
}

const aSpeaker = (): Duplex =>
  new Duplex({ read: () => undefined, write: (_piece, _encoding, done) => done() })

test('the last words reach who reads slowly after both sides have ended', async () => {
  const { stream: reader, taken, take } = aSlowReader()
  const speaker = aSpeaker()
  joinStreams(reader, speaker)
  reader.push(null)
  await once(speaker, 'finish')
  speaker.push('the last word')
  speaker.push(null)
  await once(speaker, 'close')
  expect([reader.destroyed, taken]).toEqual([false, []])
  take()
  await once(reader, 'close')
  expect(taken).toEqual(['the last word'])
})

test.each([
  ['breaks', (stream: Duplex) => stream.destroy(new Error('reset'))],
  ['goes before it has said all', (stream: Duplex) => stream.destroy()],
])('what %s on one side breaks the other', async (_name, end) => {
  const [one, other] = [aSpeaker(), aSpeaker()]
  joinStreams(one, other)
  end(one)
  const [error] = (await once(other, 'error')) as [Error]
  expect([other.destroyed, error.message]).toEqual([true, 'The client is gone'])
})
