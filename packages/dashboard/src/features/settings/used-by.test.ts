import { expect, test } from 'vitest'
import { usedBy } from './used-by.ts'

const used = { apps: 3, pods: 5, cpu: '1500m', memory: '512Mi', storage: '0' }

test('a peer that runs nothing here uses nothing', () => {
  const usage = { all: { used, limits: used }, peers: [{ peer: 'a', used, limits: used }] }
  expect(usedBy(usage, 'a')).toBe(used)
  expect(usedBy(usage, undefined)).toBe(used)
  expect(usedBy(usage, 'b').apps).toBe(0)
})
