import { expect, test } from 'vitest'
import type { OwnIdentity } from '@porpulsion/contract'
import { podsOf, untilReady, type TheWorld } from './chapter.ts'
import { eventually } from '../support/eventually.ts'
import type { Side } from '../support/side.ts'

const identityOf = async (side: Side): Promise<OwnIdentity> =>
  JSON.parse(await side.cli('identity', 'show', '--output', 'json')) as OwnIdentity // as the contract has it

export function tellOfRenewing(world: TheWorld): void {
  test.each(['a', 'b'] as const)(
    '%s renews its CA: the link goes on under the new one, and no pod is touched',
    async (name) => {
      const { [name]: side, [name === 'a' ? 'b' : 'a']: other } = world()
      const uids = async (): Promise<unknown> =>
        (await podsOf(world(), await world().a.stored('web'))).map(({ metadata }) => metadata?.uid)
      const [before, pods] = [await identityOf(side), await uids()]
      await side.cli('identity', 'rotate', '--wait', '--yes')
      const { fingerprint, stage } = await identityOf(side)
      expect(stage).toBe('Settled')
      expect(fingerprint).not.toBe(before.fingerprint)
      await eventually('the other side has the link under the new CA', 60_000, async () => {
        const { status } = await other.peer(name)
        expect(status).toMatchObject({ link: 'Connected', caFingerprint: fingerprint })
      })
      await untilReady(world(), 'web')
      expect(await uids()).toEqual(pods)
    },
  )
}
