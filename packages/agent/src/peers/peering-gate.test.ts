import { expect, test } from 'vitest'
import { PeeringGate } from './peering-gate.ts'

function aGate() {
  const gate = new PeeringGate()
  const order: string[] = []
  const begun = (name: string, enter: (work: () => Promise<void>) => Promise<void>) => {
    let end = (): void => undefined
    const ended = enter(async () => {
      order.push(`${name} begins`)
      await new Promise<void>((resolve) => (end = resolve))
      order.push(`${name} ends`)
    })
    return { end: () => end(), ended }
  }
  return {
    order,
    peer: (name: string) => begun(name, (work) => gate.peer(work)),
    alone: (name: string) => begun(name, (work) => gate.alone(work)),
    settle: () => new Promise((resolve) => setImmediate(resolve)),
  }
}

test('who is alone waits for those who peer, and whoever comes then waits for it', async () => {
  const { order, peer, alone, settle } = aGate()
  const first = peer('first')
  await settle()
  const renewal = alone('renewal')
  const second = peer('second')
  await settle()
  expect(order).toEqual(['first begins'])
  first.end()
  await settle()
  renewal.end()
  await settle()
  second.end()
  await Promise.all([first.ended, renewal.ended, second.ended])
  expect(order).toEqual([
    'first begins',
    'first ends',
    'renewal begins',
    'renewal ends',
    'second begins',
    'second ends',
  ])
})

test('any number peer at once, and a failure stops nobody', async () => {
  const gate = new PeeringGate()
  const failing = gate.peer(() => Promise.reject(new Error('refused')))
  await expect(failing).rejects.toThrow('refused')
  await expect(gate.alone(() => Promise.reject(new Error('away')))).rejects.toThrow('away')
  await expect(
    Promise.all([1, 2].map((n) => gate.peer(() => Promise.resolve(n)))),
  ).resolves.toEqual([1, 2])
})
