import { expect, test } from 'vitest'
import { withPoint } from './link-trail.ts'

const carrying = (peer: string, receivedBytesPerSecond: number) => ({
  peer,
  receivedBytesPerSecond,
  sentBytesPerSecond: 1,
})

test('each link leaves a trail of what it carried both ways', () => {
  const first = withPoint({}, [carrying('b', 10), carrying('c', 5)])
  expect(withPoint(first, [carrying('b', 20), carrying('c', 5)])).toEqual({
    b: [11, 21],
    c: [6, 6],
  })
})

test('a trail is a minute long, and ends with its peer', () => {
  const long = { b: Array.from({ length: 30 }, (_point, index) => index), gone: [1] }
  const { b, gone } = withPoint(long, [carrying('b', 99)])
  expect(b).toHaveLength(30)
  expect(b?.slice(-2)).toEqual([29, 100])
  expect(gone).toBeUndefined()
})
