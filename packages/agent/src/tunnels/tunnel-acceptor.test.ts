import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { defaultSettings, PorpulsionError, type Settings } from '@porpulsion/contract'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { duplexPair } from '../../test/support/duplex-pair.ts'
import { MAX_STREAMS_PER_PEER } from './limits.ts'
import { createTunnelAcceptor } from './tunnel-acceptor.ts'

const b = { fingerprint: 'b'.repeat(64), name: 'b' }
const c = { fingerprint: 'c'.repeat(64), name: 'c' }
const target = { app: 'uid-1', port: 8080 }
const { signal } = new AbortController()

function anAcceptor(dial = () => Promise.resolve<Duplex>(duplexPair()[0])) {
  let current: Settings = defaultSettings
  const listeners = new Set<() => void>()
  const watchers = new Set<(fingerprint: string, uid: string) => void>()
  const ports = [{ port: 8080, protocol: 'TCP' }]
  let isThere = true
  const dialled = vi.fn(dial)
  const approval: { state?: 'Pending' | 'Approved' | 'Rejected' } = {}
  const asked: string[] = []
  const audited: object[] = []
  const acceptor = createTunnelAcceptor({
    settings: {
      current: () => current,
      onChange: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    targets: {
      find: (fingerprint, uid) =>
        isThere && uid === 'uid-1' && fingerprint === b.fingerprint
          ? {
              name: 'web',
              namespace: 'porpulsion',
              peerFingerprint: b.fingerprint,
              ports,
            }
          : undefined,
      dial: dialled,
      onChange: (watcher) => {
        watchers.add(watcher)
        return () => watchers.delete(watcher)
      },
    },
    approvals: {
      stateOf: () => approval.state,
      ask: (peer, app, port) => void asked.push(`${peer.name}/${app.record.name}:${port}`),
      onChange: (listener) => void listeners.add(listener),
    },
    audit: {
      record: ({ action, outcome, reason }) => void audited.push({ action, outcome, reason }),
    },
  })
  onTestFinished(() => acceptor.stop())
  const change = (settings: Partial<Settings>): void => {
    current = { ...current, ...settings }
    for (const listener of listeners) listener()
  }
  const decide = (state: typeof approval.state): void => {
    if (state === undefined) delete approval.state
    else approval.state = state
    for (const listener of listeners) listener()
  }
  const changed = (uid: string): void => {
    for (const watcher of watchers) watcher(b.fingerprint, uid)
  }
  const remove = (): void => {
    isThere = false
    changed('uid-1')
  }
  const closePort = (): void => {
    ports.pop()
    changed('uid-1')
  }
  return { acceptor, dialled, change, decide, asked, audited, changed, remove, closePort }
}

const off = { tunnels: { ...defaultSettings.tunnels, mode: 'off' as const } }

test('a peer is connected to a port of its own app', async () => {
  const { acceptor, dialled } = anAcceptor()
  await expect(acceptor.accept(b, target, signal)).resolves.toBeDefined()
  expect(dialled).toHaveBeenCalledWith(b.fingerprint, 'uid-1', 8080, signal)
})

test.each([
  ["another peer's app", c, target, 'AppNotFound'],
  ['an app that is not there', b, { ...target, app: 'uid-2' }, 'AppNotFound'],
  ['a port the app does not list', b, { ...target, port: 22 }, 'PortNotFound'],
])('a peer is refused %s, and nothing is dialled', async (_name, peer, wanted, code) => {
  const { acceptor, dialled } = anAcceptor()
  await expect(acceptor.accept(peer, wanted, signal)).rejects.toMatchObject({ code })
  expect(dialled).not.toHaveBeenCalled()
})

test('an owner who turns tunnels off cuts the open ones, for one peer or for all', async () => {
  const { acceptor, change } = anAcceptor()
  const stream = await acceptor.accept(b, target, signal)
  change({ peers: { c: { tunnels: { mode: 'off' } } } })
  expect(stream.destroyed).toBe(false)
  const failed = once(stream, 'error')
  change({ peers: { b: { tunnels: { mode: 'off' } } } })
  expect(await failed).toMatchObject([{ code: 'TunnelsOff' }])
  await expect(acceptor.accept(b, target, signal)).rejects.toMatchObject({ code: 'TunnelsOff' })
})

test.each([
  ['is deleted', 'remove', 'AppNotFound'],
  ['has that port no more', 'closePort', 'PortNotFound'],
] as const)(
  'a tunnel to an app that %s is cut, although its pod may live on',
  async (_, what, code) => {
    const { acceptor, ...app } = anAcceptor()
    const stream = await acceptor.accept(b, target, signal)
    app.changed('uid-1')
    expect(stream.destroyed).toBe(false)
    const cut = once(stream, 'error')
    app[what]()
    expect((await cut)[0]).toMatchObject({ code })
  },
)

test('tunnels turned off while one is being made do not let it through', async () => {
  const [stream] = duplexPair()
  const { acceptor, change } = anAcceptor(() => {
    change(off)
    return Promise.resolve(stream)
  })
  await expect(acceptor.accept(b, target, signal)).rejects.toMatchObject({ code: 'TunnelsOff' })
  expect(stream.destroyed).toBe(true)
})

test('one peer cannot use up everything, and what it closes it may open again', async () => {
  const { acceptor } = anAcceptor()
  const streams = await Promise.all(
    Array.from({ length: MAX_STREAMS_PER_PEER }, () => acceptor.accept(b, target, signal)),
  )
  await expect(acceptor.accept(b, target, signal)).rejects.toMatchObject({ code: 'TooManyStreams' })
  const closed = once(streams[0]!, 'close')
  streams[0]!.destroy()
  await closed
  await expect(acceptor.accept(b, target, signal)).resolves.toBeDefined()
})

test('an attempt that fails counts no longer', async () => {
  const error = new PorpulsionError('Unavailable', 'AppNotReady', 'No pod is ready')
  const { acceptor } = anAcceptor(() => Promise.reject(error))
  for (let i = 0; i <= MAX_STREAMS_PER_PEER; i++)
    await expect(acceptor.accept(b, target, signal)).rejects.toBe(error)
})

describe('where tunnels are approved one by one', () => {
  const asking = { tunnels: { ...defaultSettings.tunnels, mode: 'approval' as const } }

  test('a tunnel is put before the owner, and refused until they say yes', async () => {
    const { acceptor, change, decide, asked, audited } = anAcceptor()
    change(asking)
    await expect(acceptor.accept(b, target, signal)).rejects.toMatchObject({
      kind: 'Forbidden',
      code: 'ApprovalPending',
    })
    expect(asked).toEqual(['b/web:8080'])
    expect(audited).toEqual([
      { action: 'openTunnel', outcome: 'refused', reason: 'ApprovalPending' },
    ])
    decide('Approved')
    await expect(acceptor.accept(b, target, signal)).resolves.toBeDefined()
  })

  test('what was rejected is not asked again', async () => {
    const { acceptor, change, decide, asked } = anAcceptor()
    change(asking)
    decide('Rejected')
    await expect(acceptor.accept(b, target, signal)).rejects.toMatchObject({
      code: 'ApprovalRejected',
    })
    expect(asked).toEqual([])
  })

  test('an approval that runs out cuts what is open', async () => {
    const { acceptor, change, decide } = anAcceptor()
    change(asking)
    decide('Approved')
    const stream = await acceptor.accept(b, target, signal)
    const closed = new Promise((resolve) => stream.once('close', resolve))
    decide(undefined)
    await closed
    expect(stream.errored).toMatchObject({ code: 'ApprovalPending' })
  })

  test('another peer’s app cannot be asked for', async () => {
    const { acceptor, change, asked } = anAcceptor()
    change(asking)
    await expect(acceptor.accept(c, target, signal)).rejects.toMatchObject({ code: 'AppNotFound' })
    expect(asked).toEqual([])
  })
})
