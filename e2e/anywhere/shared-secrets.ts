import { expect, test } from 'vitest'
import { apply, conditionOf, podsOf, uidsOf, untilReady, type TheWorld } from './chapter.ts'
import { eventually } from '../support/eventually.ts'
import { fetchFrom } from '../support/fetch-app.ts'

export function tellOfSharedSecrets(world: TheWorld): void {
  const deploys = (): Promise<void> =>
    apply(world(), 'keys', {
      secrets: [{ name: 'codes', mountPath: '/etc/codes', fromSecret: 'door-codes' }],
      imagePullSecrets: ['registry'],
    })

  test('a Secret nobody shared stays here, and the app says which command shares it', async () => {
    const { a } = world()
    await a.kube('create secret generic door-codes --from-literal=front=1234')
    await a.kube(
      'create secret docker-registry registry --docker-server=registry.example.com --docker-username=u --docker-password=p',
    )
    await deploys()
    await eventually('the app says what it lacks', 20_000, async () => {
      const { message = '' } = conditionOf(await a.stored('keys'), 'Accepted') ?? {}
      expect(message).toContain('kubectl label secret door-codes porpulsion.io/share-with=b')
      expect(message).toContain('kubectl label secret registry porpulsion.io/share-with=b')
    })
  })

  test('once shared its files are there, and the image is pulled with its credentials', async () => {
    const { a } = world()
    await a.kube('label secret door-codes registry porpulsion.io/share-with=b')
    const app = await untilReady(world(), 'keys')
    expect((await fetchFrom(a, 'keys', '/files/etc/codes/front')).body).toBe('1234')
    const [pod] = await podsOf(world(), app)
    expect(pod?.spec?.imagePullSecrets).toHaveLength(1)
  })

  test('another code in the Secret replaces the pods', async () => {
    const { a } = world()
    const before = await podsOf(world(), await a.stored('keys'))
    await a.kube('patch secret door-codes -p {"stringData":{"front":"9999"}}')
    await eventually('other pods are ready', 60_000, async () => {
      const app = await a.stored('keys')
      const after = uidsOf(await podsOf(world(), app))
      expect(after).toHaveLength(1)
      expect(after).not.toEqual(uidsOf(before))
      expect(app.status?.phase).toBe('Ready')
    })
    const read = await eventually('its page answers', 20_000, async () => {
      const { status, body } = await fetchFrom(a, 'keys', '/files/etc/codes/front')
      expect(status).toBe(200)
      return body
    })
    expect(read).toBe('9999')
  })
}
