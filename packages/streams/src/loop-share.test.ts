import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { LoopShare } from './loop-share.ts'

function aShare(limit: number) {
  const heard: string[] = []
  const share = new LoopShare(limit, {
    rest: () => heard.push('rest'),
    goOn: () => heard.push('goOn'),
  })
  return { share, heard }
}

test('who spends more than its share of a turn rests until the next, once', async () => {
  const { share, heard } = aShare(100)
  share.spend(100)
  expect(heard).toEqual([])
  share.spend(1)
  share.spend(1_000)
  expect([heard, share.isResting]).toEqual([['rest'], true])
  await nextTurn()
  expect([heard, share.isResting]).toEqual([['rest', 'goOn'], false])
})

test('what was spent in one turn is forgotten in the next', async () => {
  const { share, heard } = aShare(100)
  for (let turn = 0; turn < 5; turn++) {
    share.spend(80)
    await nextTurn()
  }
  expect(heard).toEqual([])
})
