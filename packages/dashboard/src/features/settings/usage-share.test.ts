import { expect, test } from 'vitest'
import { totalUses, usedBy } from './usage-share.ts'

const used = { apps: 3, pods: 5, cpu: '1500m', memory: '512Mi', storage: '0' }

test('amounts in different units are shares of each other', () => {
  const limits = { apps: 4, pods: 0, cpu: '3', memory: '1Gi', storage: '' }
  const shares = totalUses(used, limits).map(({ name, share }) => [name, share])
  expect(shares).toEqual([
    ['apps', 0.75],
    ['pods', undefined],
    ['cpu', 0.5],
    ['memory', 0.5],
    ['storage', undefined],
  ])
})

test('a limit of nothing, however it is written, is none', () => {
  const [apps, , cpu, memory] = totalUses(used, { apps: 0, cpu: '0', memory: '1G' })
  expect([apps?.limit, cpu?.limit, memory?.limit]).toEqual(['', '', '1G'])
})

test('a limit that is still being typed has no share', () => {
  expect(totalUses(used, { cpu: '3x' })[2]?.share).toBeUndefined()
})

test('a peer that runs nothing here uses nothing', () => {
  const usage = { all: { used, limits: used }, peers: [{ peer: 'a', used, limits: used }] }
  expect(usedBy(usage, 'a')).toBe(used)
  expect(usedBy(usage, 'b').apps).toBe(0)
})
