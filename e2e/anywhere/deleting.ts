import { expect, test } from 'vitest'
import { deploy, untilGone, type TheWorld } from './chapter.ts'
import { fetchFrom } from '../support/fetch-app.ts'
import { images } from '../support/world.ts'

/** Each of its pods adds a line before it serves them. */
const diary = {
  initContainers: [
    { name: 'write', image: images.hello, args: ['--append', '/data/diary=Dear diary'] },
  ],
  pvcs: [{ name: 'data', mountPath: '/data', storage: '16Mi', retain: true }],
  // Not every kind of volume can be given to a group.
  securityContext: { runAsUser: 0 },
}

export function tellOfDeleting(world: TheWorld): void {
  test('an app that is deleted leaves nothing at the other cluster', async () => {
    const { a } = world()
    const apps = await Promise.all(['everything', 'keys'].map((name) => a.stored(name)))
    await a.cli('app', 'delete', 'everything', 'keys', '--wait')
    for (const app of apps) await untilGone(world(), app)
    expect(await a.tryCli('app', 'get', 'everything')).toMatchObject({ code: 4 })
  })

  test('a claim that is to be kept is found again by an app of the same name', async () => {
    const { a } = world()
    await deploy(world(), 'diary', diary)
    expect((await fetchFrom(a, 'diary', '/files/data/diary')).body).toBe('Dear diary\n')
    await a.cli('app', 'delete', 'diary', '--wait')
    await deploy(world(), 'diary', diary)
    const { body } = await fetchFrom(a, 'diary', '/files/data/diary')
    expect(body).toBe('Dear diary\nDear diary\n')
    await a.cli('app', 'delete', 'diary', '--wait')
  })
}
