import { expect, test } from 'vitest'
import { stageWords } from './identity-words.ts'

const knows = { name: 'b', state: 'Knows' } as const
const waits = { name: 'c', state: 'Waiting' } as const

test.each([
  ['Settled', [], 'None under way'],
  ['Announced', [knows, waits], 'Announced: 1 of 2 peers know the new one.'],
  ['Announced', [waits], 'Announced: 0 of 1 peer knows the new one.'],
  ['Switched', [knows, waits], 'In use: 1 of 2 peers know the new one.'],
] as const)('%s with %j is told as "%s"', (stage, peers, words) => {
  expect(stageWords({ stage, peers: [...peers] })).toContain(words)
})
