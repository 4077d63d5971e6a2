/** Connections to an app: kept, found dead, given up in time; and who hears of it when one side goes away. */
import { describe, expect, test } from 'vitest'
import { isWhole } from '../../test/support/fidelity.ts'
import { aLinkedTunnel } from '../../test/support/linked-tunnel.ts'
import { aRawServer, connectRaw, type RawEnd, type RawServer } from '../../test/support/raw-end.ts'
import { aTunnel, webHost, type TestTunnel } from '../../test/support/tunnel.ts'
import { IDLE_CONNECTION_MS, IDLE_LESSON_MS, RECENTLY_USED_MS } from './limits.ts'

interface Scene {
  readonly app: RawServer
  readonly tunnel: TestTunnel
  /** Connects and sends these bytes, `{}` being the header lines that open the way. */
  readonly ask: (request: string) => Promise<RawEnd>
}

async function aScene(kind: 'linked' | 'plain'): Promise<Scene> {
  const app = await aRawServer()
  const tunnel = await (kind === 'linked' ? aLinkedTunnel(app.port) : aTunnel({ origin: app.port }))
  const ask = async (request: string): Promise<RawEnd> => {
    const client = await connectRaw(tunnel.port)
    const opening = `Host: ${webHost}\r\nX-Porpulsion-Ticket: ${tunnel.ticket()}`
    client.send(request.replace('{}', opening))
    return client
  }
  return { app, tunnel, ask }
}

const get = 'GET /1 HTTP/1.1\r\n{}\r\n\r\n'
const post = 'POST /2 HTTP/1.1\r\n{}\r\nContent-Length: 2\r\n\r\nhi'
const done = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** One request answered; its connection to the app is kept from then on. */
async function first({ app, ask }: Scene, answer = done): Promise<RawEnd> {
  const client = await ask(get)
  const end = await app.accept()
  await end.receives('/1 ')
  end.send(answer)
  await client.receives('ok')
  client.destroy()
  return end
}

const answered = async (client: RawEnd): Promise<string> => {
  await client.until((bytes) => isWhole(bytes, ['GET']))
  return client.received().toString()
}

describe('a kept connection that the app closes at the moment we send on it:', () => {
  for (const part of ['end', 'reset'] as const) {
    test(`a GET goes again on a new one, once (${part})`, async () => {
      const scene = await aScene('linked')
      const kept = await first(scene)
      const client = await scene.ask(get.replace('/1', '/2'))
      await kept.receives('/2 ')
      kept[part]()
      const next = await scene.app.accept()
      await next.receives('/2 ')
      next.send(done)
      expect(await answered(client)).toMatch(/^HTTP\/1\.1 200 /)
      expect(scene.app.count()).toBe(2)
    })

    test(`what must not be done twice is not sent twice, and its fate is told as unknown (${part})`, async () => {
      const scene = await aScene('linked')
      const kept = await first(scene)
      const client = await scene.ask(post)
      await kept.receives('hi')
      kept[part]()
      expect(await answered(client)).toMatch(/^HTTP\/1\.1 502 .*AppAnswerInvalid/s)
      expect(scene.app.count()).toBe(1)
    })
  }

  test('an app that dies of a request gets it no third time', async () => {
    const scene = await aScene('plain')
    const both = await Promise.all([scene.ask(get), scene.ask(get)])
    const ends = [await scene.app.accept(), await scene.app.accept()]
    for (const end of ends) {
      await end.receives('/1 ')
      end.send(done)
    }
    for (const client of both) await client.receives('ok')
    const client = await scene.ask(get.replace('/1', '/2'))
    const seen = await Promise.race(
      ends.map(async (end) => {
        await end.receives('/2 ')
        return end
      }),
    )
    seen.destroy()
    const next = await scene.app.accept()
    await next.receives('/2 ')
    next.destroy()
    expect(await answered(client)).toMatch(/^HTTP\/1\.1 502 /)
    expect(scene.app.count()).toBe(3)
  })
})

describe('which connection a request takes:', () => {
  test('what must not be done twice takes one that was in use a moment ago, or a new one', async () => {
    const scene = await aScene('plain')
    const kept = await first(scene)
    await scene.tunnel.clock.advance(RECENTLY_USED_MS)
    const again = await scene.ask(post)
    await kept.receives('hi')
    kept.send(done)
    await again.receives('ok')
    await scene.tunnel.clock.advance(RECENTLY_USED_MS + 1)
    await scene.ask(post)
    const fresh = await scene.app.accept()
    await fresh.receives('hi')
    const other = await scene.ask(get.replace('/1', '/3'))
    await kept.receives('/3 ')
    kept.send(done)
    await other.receives('ok')
  })

  test('an app that says how long it keeps connections is left in time', async () => {
    const scene = await aScene('plain')
    const kept = await first(
      scene,
      done.replace('\r\n\r\n', '\r\nKeep-Alive: timeout=3, max=9\r\n\r\n'),
    )
    await scene.tunnel.clock.whenWaiting(2_000)
    await scene.tunnel.clock.advance(2_000)
    expect(await kept.parted).toBe('end')
  })

  test('an app that keeps them for no time gets a new one each time', async () => {
    const scene = await aScene('plain')
    const kept = await first(scene, done.replace('\r\n\r\n', '\r\nKeep-Alive: timeout=1\r\n\r\n'))
    expect(await kept.parted).toBe('end')
  })

  test('an app that ends idle ones sooner is left sooner, for a while', async () => {
    const scene = await aScene('plain')
    const { clock } = scene.tunnel
    const kept = await first(scene)
    await clock.whenWaiting(IDLE_CONNECTION_MS)
    await clock.advance(3_000)
    kept.end()
    expect(await kept.parted).toBe('end')
    const second = await first(scene)
    await clock.whenWaiting(1_500)
    await clock.advance(1_500)
    expect(await second.parted).toBe('end')
    await clock.advance(IDLE_LESSON_MS)
    await first(scene)
    await clock.whenWaiting(IDLE_CONNECTION_MS)
  })

  /** Two requests at once, so that there are two connections; neither is answered yet. */
  async function two({ app, ask }: Scene): Promise<readonly { client: RawEnd; end: RawEnd }[]> {
    const pairs: { client: RawEnd; end: RawEnd }[] = []
    for (const path of ['/1 ', '/2 ']) {
      const client = await ask(get.replace('/1 ', path))
      const end = await app.accept()
      await end.receives(path)
      pairs.push({ client, end })
    }
    return pairs
  }

  test('each of several goes at its own time', async () => {
    const scene = await aScene('plain')
    const { clock, opened } = scene.tunnel
    for (const { client, end } of await two(scene)) {
      end.send(done)
      await client.receives('ok')
      await clock.advance(1_000)
    }
    expect(opened.map(({ destroyed }) => destroyed)).toEqual([false, false])
    await clock.advance(IDLE_CONNECTION_MS - 2_000)
    expect(opened.map(({ destroyed }) => destroyed)).toEqual([true, false])
    await clock.advance(1_000)
    expect(opened.map(({ destroyed }) => destroyed)).toEqual([true, true])
  })

  test('one that has less time goes before those that came earlier', async () => {
    const scene = await aScene('plain')
    const { clock, opened } = scene.tunnel
    const answers = [done, done.replace('\r\n\r\n', '\r\nKeep-Alive: timeout=2\r\n\r\n')]
    for (const [i, { client, end }] of (await two(scene)).entries()) {
      end.send(answers[i] ?? '')
      await client.receives('ok')
    }
    await clock.advance(1_000)
    expect(opened.map(({ destroyed }) => destroyed)).toEqual([false, true])
  })

  test('a hundred requests one after the other need one connection', async () => {
    const scene = await aScene('linked')
    const end = await first(scene)
    const client = await scene.ask(get.repeat(1))
    for (let i = 0; i < 100; i++) {
      const before = client.received().length
      await end.until((bytes) => bytes.toString('latin1').split('/1 ').length === i + 3)
      end.send(done)
      await client.until(
        (bytes) => bytes.length > before && isWhole(bytes, Array(i + 1).fill('GET')),
      )
      const opening = `Host: ${webHost}\r\nX-Porpulsion-Ticket: ${scene.tunnel.ticket()}`
      if (i < 99) client.send(get.replace('{}', opening))
    }
    expect(scene.app.count()).toBe(1)
    expect(scene.tunnel.opened).toHaveLength(1)
  })
})

describe('who goes away is gone at the other end, over a link:', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['before the answer', get, ''],
    [
      'in the middle of a body of known length',
      get,
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi',
    ],
    [
      'in the middle of chunks',
      get,
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n',
    ],
    ['in the middle of a body without a length', get, 'HTTP/1.1 200 OK\r\n\r\nhi'],
    [
      'in the middle of a body for an old client',
      get.replace('1.1', '1.0'),
      'HTTP/1.1 200 OK\r\n\r\nhi',
    ],
    ['in the middle of an upload', post.replace(': 2', ': 3'), ''],
    [
      'in another protocol',
      get.replace('{}', '{}\r\nConnection: Upgrade\r\nUpgrade: own'),
      'HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: own\r\n\r\nhi',
    ],
  ]
  test.each(cases)('the client %s', async (_name, request, answer) => {
    const scene = await aScene('linked')
    const client = await scene.ask(request)
    const end = await scene.app.accept()
    await end.receives('\r\n\r\n')
    end.send(answer)
    if (answer !== '') await client.receives('hi')
    client.reset()
    const parting = await end.parted
    // Nothing but the connection says where the bytes of another protocol end.
    if (answer.includes(' 101 ')) expect(parting).toBe('reset')
    if (request.startsWith('POST')) expect(isWhole(end.received(), 'requests')).toBe(false)
  })

  test.each(cases)(
    'the app %s, and nobody takes what came for whole',
    async (_name, request, answer) => {
      const scene = await aScene('linked')
      const client = await scene.ask(request)
      const end = await scene.app.accept()
      await end.receives('\r\n\r\n')
      end.send(answer)
      if (answer !== '') await client.receives('hi')
      end.reset()
      if (answer === '') expect(await answered(client)).toMatch(/^HTTP\/1\.1 502 /)
      else {
        const how = await client.parted
        // Where only the end of the connection tells the end of the body, it must not be an orderly one.
        const isToldByFraming = answer.includes('101') ? false : !request.includes('1.0')
        if (isToldByFraming) expect(isWhole(client.received(), ['GET'])).toBe(false)
        else expect(how).toBe('reset')
      }
    },
  )
})

test.each(['client', 'app'] as const)(
  'word of a %s that is gone takes less than 100 ms, the best of five',
  async (who) => {
    const scene = await aScene('linked')
    const times: number[] = []
    for (let i = 0; i < 5; i++) {
      const client = await scene.ask(get)
      const end = await scene.app.accept()
      await end.receives('\r\n\r\n')
      end.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n')
      await client.receives('hi')
      const [gone, told] = who === 'client' ? [client, end] : [end, client]
      const startedMs = performance.now()
      gone.reset()
      await told.parted
      times.push(performance.now() - startedMs)
    }
    expect(Math.min(...times)).toBeLessThan(100)
  },
)

describe('an app that has heard enough:', () => {
  test('its answer arrives although it hangs up in the middle of the body', async () => {
    const scene = await aScene('linked')
    const client = await scene.ask('POST / HTTP/1.1\r\n{}\r\nContent-Length: 100000000\r\n\r\nhi')
    const end = await scene.app.accept()
    await end.receives('hi')
    end.send('HTTP/1.1 413 Too much\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok')
    end.end()
    await client.receives('ok')
    expect(isWhole(client.received(), ['POST'])).toBe(true)
    // What it still sends is taken and dropped, not gathered.
    expect(await client.pour(64 * 1024 * 1024)).toBe(64 * 1024 * 1024)
    expect(client.hasEnded()).toBe(false)
  })
})
