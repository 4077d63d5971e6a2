import { expect, test } from 'vitest'
import { MAX_PENDING_BYTES, OutputGate } from './output-gate.ts'

test('what is faster than the screen is left out, counted, and said once the screen is free again', () => {
  const drawn: (number | string)[] = []
  const waiting: (() => void)[] = []
  const gate = new OutputGate((data, done) => {
    drawn.push(typeof data === 'string' ? data : data.length)
    waiting.push(done)
  })
  gate.write(new Uint8Array(MAX_PENDING_BYTES))
  gate.write(new Uint8Array(1_024))
  gate.write(new Uint8Array(2_048))
  expect(drawn).toEqual([MAX_PENDING_BYTES])

  waiting[0]?.()
  gate.write(new Uint8Array(10))
  expect(drawn.slice(1)).toEqual([expect.stringContaining('3 KiB came too fast'), 10])
})
