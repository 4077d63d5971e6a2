import { expect, test } from 'vitest'
import type { TheWorld } from './chapter.ts'
import { eventually } from '../support/eventually.ts'

export function tellOfPeering(world: TheWorld): void {
  test('an invite of a makes b a peer, and both see the same six words', async () => {
    const { a, b } = world()
    const invite = await a.cli('invite', 'create')
    await b.cliWith(invite, 'peer', 'add', '-', '--as', 'a')
    const [here, there] = await Promise.all([a.peer('b'), b.peer('a')])
    expect(here.status?.words).toMatch(/^\w+( \w+){5}$/)
    expect(there.status?.words).toBe(here.status?.words)
    expect([here.spec.confirmed, there.spec.confirmed]).not.toContain(true)
    const again = await b.tryCli('peer', 'add', '-', '--as', 'again')
    expect(again.code).not.toBe(0)
  })

  test('they are connected once both operators said that the words agree', async () => {
    const { a, b } = world()
    await a.cli('peer', 'confirm', 'b', '--yes')
    await b.cli('peer', 'confirm', 'a', '--yes')
    for (const [side, other] of [[a, 'b'] as const, [b, 'a'] as const])
      await eventually(`${side.name} is connected`, 30_000, async () => {
        expect((await side.peer(other)).status).toMatchObject({ link: 'Connected' })
      })
  })
}
