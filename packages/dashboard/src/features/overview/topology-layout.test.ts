import { expect, test } from 'vitest'
import { layOutTopology, type Box } from './topology-layout.ts'

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

const cases = [320, 360, 710, 900, 1400].flatMap((width) =>
  [0, 1, 2, 3, 7, 8, 9, 30].map((count) => ({ width, count })),
)

test.each(cases)('$count peers fit into $width pixels without touching', ({ width, count }) => {
  const { self, peers, height } = layOutTopology(count, width)
  const boxes = [self, ...peers.map(({ box }) => box)]
  expect(peers).toHaveLength(count)
  for (const [index, box] of boxes.entries()) {
    expect(box.x).toBeGreaterThanOrEqual(0)
    expect(box.y).toBeGreaterThanOrEqual(0)
    expect(box.x + box.width).toBeLessThanOrEqual(width)
    expect(box.y + box.height).toBeLessThanOrEqual(height)
    expect(boxes.slice(index + 1).filter((other) => overlap(box, other))).toEqual([])
  }
})

test('where there is room this cluster stands in the middle of its peers', () => {
  const { self, peers } = layOutTopology(6, 1000)
  expect(self.x + self.width / 2).toBe(500)
  expect(peers.filter(({ box }) => box.x > self.x)).toHaveLength(3)
})

test('on a phone peers stand beneath this cluster', () => {
  const { self, peers } = layOutTopology(3, 340)
  expect(peers.every(({ box }) => box.y > self.y + self.height)).toBe(true)
})

test('a link touches both ends', () => {
  const { self, peers } = layOutTopology(1, 1000)
  expect(peers[0]?.path.startsWith(`M${self.x + self.width} ${self.y + self.height / 2}C`)).toBe(
    true,
  )
})
