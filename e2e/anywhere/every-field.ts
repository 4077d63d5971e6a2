import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { TheWorld } from './chapter.ts'
import { fetchFrom } from '../support/fetch-app.ts'
import { images } from '../support/world.ts'

const example = join(import.meta.dirname, '../../examples/every-field.yaml')

export function tellOfEveryField(world: TheWorld): void {
  test('the owner refuses storage at first, and says how to allow it', async () => {
    const { a } = world()
    const text = await readFile(example, 'utf8')
    const manifest = text
      .replace('porpulsion/hello', images.hello)
      .replace('porpulsion/ticker', images.ticker)
    await a.kube('apply -f -', manifest)
    await a.kube('wait --for=jsonpath={.status.phase}=Rejected remoteapp/everything --timeout=30s')
    const { status } = await a.app('everything')
    expect(status?.conditions.find(({ type }) => type === 'Accepted')).toMatchObject({
      status: 'False',
      reason: 'StorageOff',
    })
  })

  test('once storage is allowed it runs, without being submitted again', async () => {
    const { a, b } = world()
    await b.cli('settings', 'set', 'storage.enabled=true')
    await a.kube('wait --for=condition=Ready remoteapp/everything --timeout=120s')
    expect((await a.app('everything')).status).toMatchObject({ phase: 'Ready', readyReplicas: 1 })
  })

  test('its page comes through the tunnel, and knows its pod by name', async () => {
    const { a } = world()
    const { status, body } = await fetchFrom(a, 'everything', '/')
    expect(status).toBe(200)
    expect(body).toMatch(/<h1>Hello from everything-\S+<\/h1>/)
  })

  test('its files and its environment are there, secrets too', async () => {
    const { a } = world()
    const read = async (path: string): Promise<string> =>
      (await fetchFrom(a, 'everything', path)).body
    expect(await read('/files/etc/settings/greeting.txt')).toBe('Hello')
    expect(await read('/files/etc/keys/password')).toBe('correct horse')
    expect(await read('/files/etc/keys/token.bin')).toBe('\u0000\u0001\u0002\u0003')
    expect(JSON.parse(await read('/env'))).toMatchObject({
      GREETING: 'Hello',
      PASSWORD: 'correct horse',
      POD: expect.stringMatching(/^everything-/) as string,
    })
  })
}
