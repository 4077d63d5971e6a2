import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { PorpulsionError } from '@porpulsion/contract'
import { expect, test, vi } from 'vitest'
import { duplexPair } from '../../test/support/duplex-pair.ts'
import { aSocketAgent, link } from '../../test/support/socket-agents.ts'
import type { LinkServices } from './links-api.ts'

const signal = new AbortController().signal

/** `a` opens streams to an app at `b`; `app` is the other end of the connection there. */
async function aTunnel(acceptTcp?: LinkServices['acceptTcp']) {
  const apps: Duplex[] = []
  const [a, b] = await Promise.all([
    aSocketAgent('a'),
    aSocketAgent('b', {
      acceptTcp:
        acceptTcp ??
        (() => {
          const [near, app] = duplexPair()
          apps.push(app)
          return Promise.resolve(near)
        }),
    }),
  ])
  await link(a, b)
  const open = (abort = signal): Promise<Duplex> =>
    a.links.openTcp(b.identity.fingerprint, { app: 'uid-1', port: 80 }, abort)
  return { a, b, open, apps }
}

/** What a client sees when the connection breaks. */
async function failureOf(duplex: Duplex): Promise<unknown> {
  duplex.resume()
  const [error] = (await once(duplex, 'error')) as [unknown]
  return error
}

test('the host is told who asks, for which app and port', async () => {
  const asked: unknown[] = []
  const { a, open } = await aTunnel((peer, target) => {
    asked.push([peer.name, peer.fingerprint, target.app, target.port])
    return Promise.resolve(duplexPair()[0])
  })
  const duplex = await open()
  expect(asked).toEqual([['a', a.identity.fingerprint, 'uid-1', 80]])
  duplex.destroy()
})

test('an app that speaks first is heard', async () => {
  const { open, apps } = await aTunnel()
  const duplex = await open()
  apps[0]?.write('220 ready')
  const [bytes] = (await once(duplex, 'data')) as [Buffer]
  expect(bytes.toString()).toBe('220 ready')
  duplex.destroy()
})

test('an app that has said everything is still told everything', async () => {
  const { open, apps } = await aTunnel()
  const duplex = await open()
  const app = apps[0]!
  let heard = 0
  app.on('data', (bytes: Buffer) => (heard += bytes.length))
  const heardAll = once(app, 'end')
  duplex.resume()
  app.end('that is all')
  await once(duplex, 'end')
  duplex.end(Buffer.alloc(3 * 1024 * 1024))
  await heardAll
  expect(heard).toBe(3 * 1024 * 1024)
})

test('who hangs up at one end is gone at the other', async () => {
  const { open, apps } = await aTunnel()
  const duplex = await open()
  const gone = once(apps[0]!, 'close')
  duplex.destroy()
  await gone
})

test('an app that breaks the connection breaks it for the client, with a reason', async () => {
  const { open, apps } = await aTunnel()
  const duplex = await open()
  const failure = failureOf(duplex)
  apps[0]?.destroy(new Error('crash'))
  expect(await failure).toBeInstanceOf(PorpulsionError)
})

test('a connection that is refused by a defect of the host says nothing of its inside', async () => {
  const { open } = await aTunnel(() => Promise.reject(new TypeError('secrets of the host')))
  const error: unknown = await open().catch((refusal: unknown) => refusal)
  expect(error).toMatchObject({ code: 'PeerFailed' })
  expect(String(error)).not.toContain('secrets')
})

test('a client that gives up while the host connects has the attempt ended there', async () => {
  const connecting = vi.fn<(abort: AbortSignal) => void>()
  const { open } = await aTunnel(
    (_peer, _target, abort) =>
      new Promise(() => {
        connecting(abort)
      }),
  )
  const abort = new AbortController()
  const opening = open(abort.signal)
  opening.catch(() => undefined) // awaited below
  await vi.waitFor(() => expect(connecting).toHaveBeenCalled())
  abort.abort(new Error('never mind'))
  await expect(opening).rejects.toThrow('never mind')
  const [atHost] = connecting.mock.calls[0]!
  await vi.waitFor(() => expect(atHost.aborted).toBe(true))
})

test('a lost session ends every stream with LinkDown', async () => {
  const { b, open, apps } = await aTunnel()
  const duplex = await open()
  const failure = failureOf(duplex)
  const gone = once(apps[0]!, 'close')
  for (const socket of b.sockets) socket.resetAndDestroy()
  expect(await failure).toMatchObject({ code: 'LinkDown' })
  await gone
})

test('a client that does not read is sent no more than its window, and stalls nobody else', async () => {
  const { open, apps } = await aTunnel()
  const stalled = await open()
  stalled.pause()
  const flood = Buffer.alloc(1024 * 1024)
  let taken = 0
  const pour = (): void => {
    taken += flood.length
    apps[0]?.write(flood, (error) => {
      if (error === null || error === undefined) pour()
    })
  }
  pour()
  const other = await open()
  apps[1]?.on('data', (bytes: Buffer) => apps[1]?.write(bytes))
  for (let round = 0; round < 20; round++) {
    other.write('ping')
    await once(other, 'data')
  }
  expect(taken).toBeLessThan(8 * 1024 * 1024)
  stalled.destroy()
  other.destroy()
})
