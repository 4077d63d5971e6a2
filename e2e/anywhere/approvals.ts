import { expect, test } from 'vitest'
import type { Approval, AuditEntry } from '@porpulsion/contract'
import { apply, untilReady, type TheWorld } from './chapter.ts'
import { eventually } from '../support/eventually.ts'
import { fetchFrom, openFrom } from '../support/fetch-app.ts'
import { images } from '../support/world.ts'

export function tellOfApprovals(world: TheWorld): void {
  const theOneThatWaits = async (): Promise<Approval> =>
    await eventually('one approval waits', 20_000, async () => {
      const text = await world().b.cli('approval', 'list', '-o', 'json')
      const { items } = JSON.parse(text) as { items: Approval[] } // validated by the client
      const [waiting, ...more] = items.filter(({ state }) => state === 'Pending')
      if (waiting === undefined || more.length > 0) throw new Error(`There are: ${text}`)
      return waiting
    })
  const answer = async (path = '/') => await fetchFrom(world().a, 'asked', path)

  test('an app waits until the owner has seen and approved it', async () => {
    const { a, b } = world()
    await b.cli('settings', 'set', 'approval.required=true', '--peer', 'a')
    await apply(world(), 'asked')
    await a.kube(
      'wait --for=jsonpath={.status.phase}=PendingApproval remoteapp/asked --timeout=30s',
    )
    const { id } = await theOneThatWaits()
    expect(await b.cli('approval', 'list')).toContain(`app asked (${images.hello})`)
    expect(await b.cli('approval', 'show', id)).toContain(`+ image: ${images.hello}`)
    await b.cli('approval', 'approve', id, '--note', 'as agreed')
    await untilReady(world(), 'asked')
  })

  test('a rejected update comes back with the owner’s note, and what runs goes on', async () => {
    const { a, b } = world()
    await apply(world(), 'asked', { env: [{ name: 'MESSAGE', value: 'Boo' }] })
    const { id } = await theOneThatWaits()
    expect(await b.cli('approval', 'show', id)).toContain('+ env[MESSAGE].value: Boo')
    await b.cli('approval', 'reject', id, '--note', 'not before Monday')
    await eventually('the note is there', 20_000, async () => {
      expect(await a.cli('app', 'get', 'asked')).toContain('not before Monday')
    })
    expect((await a.app('asked')).status).toMatchObject({ phase: 'Ready', readyReplicas: 1 })
    await b.cli('settings', 'set', 'approval=null', '--peer', 'a')
    // Where nobody has to be asked any more, what waited runs.
    await untilReady(world(), 'asked')
  })

  test('a tunnel is refused in words until the owner approves it', async () => {
    const { b } = world()
    await b.cli('settings', 'set', 'tunnels.mode=approval')
    const refused = await answer()
    expect(refused).toMatchObject({ status: 403 })
    expect(refused.body).toContain('port 8080 of this app waits for that')
    const { id } = await theOneThatWaits()
    expect(await b.cli('approval', 'show', id)).toContain('port 8080 of app asked of peer a')
    await b.cli('approval', 'approve', id)
    expect((await answer()).status).toBe(200)
  })

  test('tunnels switched off cut what is open, and say so to what comes', async () => {
    const { a, b } = world()
    const open = await openFrom(a, 'asked', '/events?count=100000&ms=100')
    expect(open.statusCode).toBe(200)
    const cut = expect(open.toArray()).rejects.toThrow()
    await b.cli('settings', 'set', 'tunnels.mode=off')
    await cut
    expect(await answer()).toMatchObject({
      status: 403,
      body: expect.stringContaining('tunnels.mode: off') as string,
    })
    await b.cli('settings', 'set', 'tunnels=null')
    expect((await answer()).status).toBe(200)
    await a.kube('delete remoteapp asked --timeout=60s')
  })

  test('the audit trail knows who changed a rule, and what was refused to whom', async () => {
    const { b } = world()
    const audit = async (...filter: string[]): Promise<AuditEntry[]> => {
      const text = await b.cli('audit', 'list', ...filter, '-o', 'json')
      return (JSON.parse(text) as { items: AuditEntry[] }).items // validated by the client
    }
    expect(await audit('--action', 'patchSettings')).toContainEqual(
      expect.objectContaining({ changes: ['tunnels.mode'], outcome: 'done' }),
    )
    for (const action of ['stopViolations', 'approve', 'reject'])
      expect(await audit('--action', action)).not.toEqual([])
    expect(await audit('--action', 'openTunnel', '--outcome', 'refused')).toContainEqual(
      expect.objectContaining({ actor: 'peer/a', reason: 'ApprovalPending' }),
    )
    expect(await audit('--actor', 'peer/a', '--outcome', 'refused')).toContainEqual(
      expect.objectContaining({
        about: expect.stringMatching(/^app\/blocked,/) as string,
        reason: 'ImageBlocked',
      }),
    )
  })
}
