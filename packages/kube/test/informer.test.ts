import { describe, expect, test } from 'vitest'
import { FakeClock, settled } from '../src/testing.ts'
import { defaultWatchIdleMs, Informer, Pod, type KubeError } from '../src/index.ts'
import {
  freePort,
  list,
  scriptedServer,
  status,
  watch,
  type Exchange,
  type WatchScript,
} from './scripted-server.ts'
import { aClient, aPod, aPodInformer, Reports } from './support.ts'

const isWatch = ({ query }: Exchange): boolean => query.get('watch') === 'true'
const startedFrom = (exchange: Exchange | undefined): string | null | undefined =>
  exchange?.query.get('resourceVersion')

describe('following a collection', () => {
  test('lists page by page, and watches from where the list ended', async () => {
    const server = await scriptedServer()
    server.script(
      list([aPod('a', '3')], '7', 'page-2'),
      list([aPod('b', '5')], '7'),
      watch((stream) => stream.event('ADDED', aPod('c', '8'))),
    )
    const { start, informer, changed } = aPodInformer(server.connection, { pageSize: 1 })

    await start()
    await changed('added c@8')

    const [first, second, third] = server.exchanges
    expect(first?.query.get('limit')).toBe('1')
    expect(second?.query.get('continue')).toBe('page-2')
    expect(startedFrom(third)).toBe('7')
    expect(third?.query.get('allowWatchBookmarks')).toBe('true')
    expect(informer.list().map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c'])
  })

  test('a page that expired while listing is answered by listing all at once', async () => {
    const server = await scriptedServer()
    server.script(
      list([aPod('a', '3')], '7', 'page-2'),
      status(410, 'Expired'),
      list([aPod('a', '3'), aPod('b', '9')], '9'),
      watch(),
    )
    const { start, informer } = aPodInformer(server.connection, { pageSize: 1 })

    await start()

    expect(server.exchanges[2]?.query.has('limit')).toBe(false)
    expect(informer.size).toBe(2)
  })

  test('is synced only when the list is complete, and tells of every object before that', async () => {
    const server = await scriptedServer()
    let finish = (): void => undefined
    server.script((exchange) => {
      finish = () => void list([aPod('a', '3')], '7')(exchange)
    }, watch())
    const { start, informer, changes } = aPodInformer(server.connection)

    const started = start()
    await server.received(1)
    expect(informer.hasSynced).toBe(false)
    finish()
    await started

    expect(informer.hasSynced).toBe(true)
    expect(changes).toEqual(['added a@3'])
  })

  test('a slow list does not hold up whoever gives up waiting for it', async () => {
    const server = await scriptedServer()
    server.script(() => undefined)
    const { start, abort, informer } = aPodInformer(server.connection)

    const started = start()
    await server.received(1)
    abort()

    await expect(started).rejects.toThrow('aborted')
    await informer.stop()
  })

  test('asks for the selected objects only, when listing and when watching', async () => {
    const server = await scriptedServer()
    server.script(list([], '7'), watch())
    const { start } = aPodInformer(server.connection, {
      namespace: 'apps',
      labelSelector: { app: 'web', tier: 'front' },
      fieldSelector: 'spec.nodeName=n1',
    })

    await start()
    const exchanges = await server.received(2)

    for (const { path, query } of exchanges) {
      expect(path).toBe('/api/v1/namespaces/apps/pods')
      expect(query.get('labelSelector')).toBe('app=web,tier=front')
      expect(query.get('fieldSelector')).toBe('spec.nodeName=n1')
    }
  })

  test('tells changes in their order, and a late listener what is there', async () => {
    const server = await scriptedServer()
    server.script(
      list([aPod('a', '3')], '7'),
      watch((stream) =>
        stream
          .event('MODIFIED', aPod('a', '8'))
          .event('ADDED', aPod('b', '9'))
          .event('DELETED', aPod('a', '10')),
      ),
    )
    const { start, informer, changed, changes } = aPodInformer(server.connection)

    await start()
    await changed('deleted a@10')

    expect(changes).toEqual(['added a@3', 'updated a@8', 'added b@9', 'deleted a@10'])
    const heard: string[] = []
    informer.on(({ kind, object }) => void heard.push(`${kind} ${object.metadata.name}`))
    expect(heard).toEqual(['added b'])
  })

  test('a namesake that took the place of an object is told as one deleted and one added', async () => {
    const server = await scriptedServer()
    server.script(
      list([aPod('a', '3')], '7'),
      watch((stream) => stream.event('MODIFIED', aPod('a', '9', { uid: 'another' }))),
    )
    const { start, changed, changes } = aPodInformer(server.connection)

    await start()
    await changed('added a@9')

    expect(changes).toEqual(['added a@3', 'deleted a@3', 'added a@9'])
  })

  test('finds objects by namespace, by owner and by what else was asked for', async () => {
    const server = await scriptedServer()
    const owned = { ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'owner' }] }
    let stream: WatchScript | undefined
    server.script(
      list(
        [
          aPod('a', '3', owned),
          aPod('b', '4', { namespace: 'other' }),
          aPod('c', '5', { labels: { peer: 'b' } }),
        ],
        '7',
      ),
      watch((opened) => {
        stream = opened
      }),
    )
    const { start, informer, changed } = aPodInformer(server.connection, {
      indexes: { peer: ({ metadata }) => [metadata.labels?.['peer'] ?? 'none'] },
    })
    const names = (pods: { metadata: { name: string } }[]): string[] =>
      pods.map(({ metadata }) => metadata.name)

    await start()
    expect(names(informer.inNamespace('other'))).toEqual(['b'])
    expect(names(informer.ownedBy('owner'))).toEqual(['a'])
    expect(names(informer.byIndex('peer', 'b'))).toEqual(['c'])

    await server.received(2)
    stream?.event('MODIFIED', aPod('c', '8')).event('DELETED', aPod('a', '9', owned))
    await changed('deleted a@9')
    expect(names(informer.byIndex('peer', 'b'))).toEqual([])
    expect(names(informer.byIndex('peer', 'none'))).toEqual(['b', 'c'])
    expect(names(informer.ownedBy('owner'))).toEqual([])
  })

  test('what it returns cannot be changed, and carries no managed fields', async () => {
    const server = await scriptedServer()
    server.script(
      list([aPod('a', '3', { labels: { app: 'web' }, managedFields: [{ manager: 'm' }] })], '7'),
      watch(),
    )
    const { start, informer } = aPodInformer(server.connection)

    await start()
    const pod = informer.get({ namespace: 'default', name: 'a' })

    expect(pod?.metadata.managedFields).toBeUndefined()
    expect(() => {
      pod!.metadata.labels!['app'] = 'other'
    }).toThrow(TypeError)
  })
})

describe('surviving a watch that dies', () => {
  test('a socket reset in mid-watch resumes after the last event, without listing again', async () => {
    const server = await scriptedServer()
    server.script(
      list([aPod('a', '3')], '7'),
      watch((stream) => stream.event('ADDED', aPod('b', '8')).reset()),
      watch((stream) => stream.event('ADDED', aPod('c', '9'))),
    )
    const { start, clock, reports, changed, changes } = aPodInformer(server.connection)

    await start()
    const { delayMs } = await reports.next('watch-failed')
    await clock.advance(delayMs)
    await changed('added c@9')

    expect(startedFrom(server.exchanges[2])).toBe('8')
    expect(changes).toEqual(['added a@3', 'added b@8', 'added c@9'])
  })

  test('a watch that falls silent is given up after its idle time, and resumed', async () => {
    const server = await scriptedServer()
    server.script(
      list([], '7'),
      watch((stream) => stream.bookmark('20')),
      watch((stream) => stream.event('ADDED', aPod('a', '21'))),
    )
    const { start, clock, reports, changed } = aPodInformer(server.connection, {
      idleTimeoutMs: 60_000,
    })

    await start()
    await clock.whenWaiting(60_000)
    await clock.advance(60_000)
    const { error, delayMs } = await reports.next('watch-failed')
    await clock.advance(delayMs)
    await changed('added a@21')

    expect((error as KubeError).reason).toBe('WatchIdle')
    expect(startedFrom(server.exchanges[2])).toBe('20')
  })

  test('a bookmark moves the position on though nothing happened', async () => {
    const server = await scriptedServer()
    server.script(
      list([], '7'),
      watch((stream) => stream.bookmark('5000').end()),
      watch(),
    )
    const { start, clock } = aPodInformer(server.connection)

    await start()
    await clock.whenWaiting(500)
    await clock.advance(500)
    await server.received(3)

    expect(startedFrom(server.exchanges[2])).toBe('5000')
  })

  test.each([
    ['as a status', status(410, 'Expired')],
    ['as an event', watch((stream) => stream.error(410, 'Expired'))],
    [
      'of a server that lost what we saw',
      status(504, 'Timeout', { details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } }),
    ],
  ])('"too old" %s lists anew and tells what went unseen', async (_, refusal) => {
    const server = await scriptedServer()
    server.script(
      list([aPod('same', '1'), aPod('changed', '2'), aPod('deleted', '3')], '7'),
      refusal,
      list([aPod('same', '1'), aPod('changed', '22'), aPod('new', '23')], '30'),
      watch(),
    )
    const { start, clock, reports, changes, changed, informer } = aPodInformer(server.connection)

    await start()
    await reports.next('relisting')
    await clock.advance(1_000)
    await changed('added new@23')

    expect(changes.slice(3)).toEqual(['deleted deleted@3', 'updated changed@22', 'added new@23'])
    expect(informer.size).toBe(3)
    await server.received(4)
    expect(startedFrom(server.exchanges[3])).toBe('30')
  })

  test('an event that breaks off in the middle is not believed, and comes again', async () => {
    const server = await scriptedServer()
    const event = JSON.stringify({ type: 'ADDED', object: aPod('b', '9') })
    server.script(
      list([], '7'),
      watch((stream) => stream.event('ADDED', aPod('a', '8')).raw(event.slice(0, 40)).end()),
      watch((stream) => stream.event('ADDED', aPod('b', '9'))),
    )
    const { start, clock, reports, changed, changes } = aPodInformer(server.connection)

    await start()
    const { error, delayMs } = await reports.next('watch-failed')
    await clock.advance(delayMs)
    await changed('added b@9')

    expect((error as KubeError).message).toContain('broke off in the middle of an event')
    expect(startedFrom(server.exchanges[2])).toBe('8')
    expect(changes).toEqual(['added a@8', 'added b@9'])
  })

  test('an event cut anywhere into packets, inside a letter even, is read whole', async () => {
    const server = await scriptedServer()
    const pod = aPod('a', '8', { annotations: { note: 'grüße, 🦔' } })
    const bytes = Buffer.from(JSON.stringify({ type: 'ADDED', object: pod }) + '\n')
    server.script(list([], '7'), async ({ answer }) => {
      answer.writeHead(200)
      for (const byte of bytes) {
        await new Promise((resolve) => answer.write(Buffer.from([byte]), resolve))
      }
    })
    const { start, changed, informer } = aPodInformer(server.connection)

    await start()
    await changed('added a@8')

    expect(informer.get(pod.metadata as { name: string })?.metadata.annotations?.['note']).toBe(
      'grüße, 🦔',
    )
  })

  test('a position the server cannot serve, whatever it says, is left after three mute failures', async () => {
    const server = await scriptedServer()
    server.script(list([], '7'), garbage, garbage, garbage, list([aPod('a', '9')], '9'), watch())
    const { start, clock, reports, changed } = aPodInformer(server.connection)

    await start()
    for (const attempt of [1, 2]) {
      const { delayMs } = await reports.next('watch-failed', attempt)
      await clock.advance(delayMs)
    }
    await reports.next('relisting')
    await clock.advance(30_000)

    await changed('added a@9')
  })

  test('a server that ends every watch at once is not stormed', async () => {
    const server = await scriptedServer()
    server.script(list([], '7')).otherwise(watch((stream) => stream.end()))
    const { start, clock, informer } = aPodInformer(server.connection)

    await start()
    for (const delayMs of [500, 1_000, 2_000, 4_000, 8_000, 16_000]) {
      await clock.whenWaiting(delayMs)
      await clock.advance(delayMs)
    }
    await server.received(8)
    await informer.stop()

    expect(server.exchanges.filter(isWatch)).toHaveLength(7)
  })

  test('an hour of 500s does not stop it, and it asks less and less often', async () => {
    const server = await scriptedServer()
    server.otherwise(status(500, 'InternalError'))
    const { start, clock, reports, changed } = aPodInformer(server.connection)

    const started = start()
    for (let failures = 1; failures <= 120; failures++) {
      const { delayMs } = await reports.next('watch-failed', failures)
      if (failures === 120) server.script(list([aPod('a', '3')], '7'), watch())
      await clock.advance(delayMs)
    }
    await changed('added a@3')
    await started

    const delays = reports.of('watch-failed').map(({ delayMs }) => delayMs)
    expect(delays.slice(0, 8)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  })

  test('delays are jittered by half', async () => {
    const server = await scriptedServer()
    server.otherwise(status(500, 'InternalError'))
    const clock = new FakeClock()
    const first = async (next: number): Promise<number> => {
      const reports = new Reports()
      const informer = new Informer<Pod>(
        {
          client: aClient(server.connection, clock),
          clock,
          random: { next: () => next },
          report: reports.sink,
        },
        { kind: Pod },
      )
      const ending = new AbortController()
      const started = informer.start(ending.signal)
      const { delayMs } = await reports.next('watch-failed')
      ending.abort()
      await expect(started).rejects.toThrow()
      return delayMs
    }

    expect([await first(0), await first(0.5), await first(0.999)]).toEqual([250, 500, 749.5])
  })

  test('a server that asks for patience gets it', async () => {
    const server = await scriptedServer()
    const busy = status(429, 'TooManyRequests', { headers: { 'retry-after': '60' } })
    server.script(
      list([], '7'),
      busy,
      watch((stream) => stream.event('ADDED', aPod('a', '8'))),
    )
    const { start, clock, reports, changed } = aPodInformer(server.connection)

    await start()
    const { delayMs } = await reports.next('watch-failed')
    expect(delayMs).toBe(60_000)
    await clock.advance(59_999)
    expect(server.exchanges).toHaveLength(2)
    await clock.advance(1)

    await changed('added a@8')
  })

  test('a server that is away at first is found when it comes', async () => {
    const port = await freePort()
    const { start, clock, reports, changed } = aPodInformer({
      server: `http://127.0.0.1:${port}`,
      credentials: { current: () => Promise.resolve({}), expire: () => undefined },
    })

    const started = start()
    const { delayMs, error } = await reports.next('watch-failed')
    expect((error as KubeError).reason).toBe('Unreachable')
    const server = await scriptedServer({ port })
    server.script(list([aPod('a', '3')], '7'), watch())
    await clock.advance(delayMs)

    await changed('added a@3')
    await started
  })

  test('only its signal stops it, and then its connection is closed', async () => {
    const server = await scriptedServer()
    server.script(list([], '7'), watch())
    const { start, abort, informer } = aPodInformer(server.connection)

    await start()
    const exchanges = await server.received(2)
    const closed = new Promise((resolve) => exchanges[1]?.socket.once('close', resolve))
    abort()

    await informer.stop()
    await closed
    expect(server.exchanges).toHaveLength(2)
  })
})

describe('listeners and numbers', () => {
  test('a listener that throws is reported, and the others hear all', async () => {
    const server = await scriptedServer()
    server.script(
      list([], '7'),
      watch((stream) => stream.event('ADDED', aPod('a', '8')).event('ADDED', aPod('b', '9'))),
    )
    const { informer, start, reports, changed, changes } = aPodInformer(server.connection)
    informer.on(() => {
      throw new Error('at once')
    })
    informer.on(async () => {
      await settled()
      throw new Error('later')
    })

    await start()
    await changed('added b@9')
    await reports.next('listener-failed', 4)

    expect(changes).toEqual(['added a@8', 'added b@9'])
    const faults = reports.of('listener-failed').map(({ error }) => (error as Error).message)
    expect(faults.sort()).toEqual(['at once', 'at once', 'later', 'later'])
    expect(reports.of('watch-failed')).toEqual([])
  })

  test('an index that throws on one object keeps no other out', async () => {
    const server = await scriptedServer()
    server.script(list([aPod('a', '3'), aPod('b', '4', { labels: { peer: 'x' } })], '7'), watch())
    const { informer, start, reports } = aPodInformer(server.connection, {
      indexes: { peer: ({ metadata }) => [metadata.labels!['peer']!.toUpperCase()] },
    })

    await start()

    expect(informer.size).toBe(2)
    expect(informer.byIndex('peer', 'X')).toHaveLength(1)
    expect(reports.of('listener-failed')).toHaveLength(1)
  })

  test('staleness is the time since the server last proved that the cache is current', async () => {
    const server = await scriptedServer()
    let stream: WatchScript | undefined
    server.script(
      list([], '7'),
      watch((opened) => {
        stream = opened
      }),
    )
    const { informer, start, clock, changed } = aPodInformer(server.connection)

    expect(informer.stalenessMs()).toBe(Infinity)
    await start()
    await clock.whenWaiting(defaultWatchIdleMs)
    expect(informer.stalenessMs()).toBe(0)
    await clock.advance(45_000)
    expect(informer.stalenessMs()).toBe(45_000)
    stream?.event('ADDED', aPod('a', '8'))
    await changed('added a@8')
    expect(informer.stalenessMs()).toBe(0)
  })

  test('a server that sends no bookmarks proves it by taking us back after each silence', async () => {
    const server = await scriptedServer()
    server.script(list([], '7')).otherwise(watch())
    const { informer, start, clock, reports } = aPodInformer(server.connection)

    await start()
    for (const failures of [1, 2, 3]) {
      await clock.whenWaiting(defaultWatchIdleMs)
      expect(informer.stalenessMs()).toBe(0)
      await clock.advance(defaultWatchIdleMs)
      const { delayMs } = await reports.next('watch-failed', failures)
      expect(informer.stalenessMs()).toBe(defaultWatchIdleMs)
      await clock.advance(delayMs)
    }
  })

  test('says when the cache is complete, with how many objects', async () => {
    const server = await scriptedServer()
    server.script(list([aPod('a', '3'), aPod('b', '4')], '7'), watch())
    const { start, reports } = aPodInformer(server.connection)

    await start()

    expect(reports.all).toEqual([{ kind: 'listed', resource: 'pods', objects: 2 }])
  })
})

const garbage = watch((stream) => stream.raw('<html>Bad gateway</html>\n'))
