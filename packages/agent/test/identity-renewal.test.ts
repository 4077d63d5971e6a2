/** Agents over real sockets that renew their CAs: what peers pin, when it is switched, and who is left out. */
import type { IdentityRenewal } from '@porpulsion/contract'
import { describe, expect, test, vi } from 'vitest'
import { claiming, prove, upgrade } from './support/impersonation.ts'
import { aRenewingAgent, befriend, type RenewingAgent } from './support/renewing-agents.ts'

const never = new AbortController().signal

const patience = { timeout: 30_000, interval: 20 }
const until = (assertion: () => void): Promise<void> => vi.waitFor(assertion, patience)

async function pair(options: { bIsOld?: boolean; bDials?: boolean } = {}) {
  const a = await aRenewingAgent('a')
  const b = await aRenewingAgent('b', { isOld: options.bIsOld ?? false })
  befriend(a, b, { bDials: options.bDials ?? true })
  await until(() => {
    expect(stateOf(a, b)).toBe('Connected')
    expect(stateOf(b, a)).toBe('Connected')
  })
  return { a, b }
}

/** Peers keep each other under the CA they came with, whatever they have renewed since. */
const stateOf = (agent: RenewingAgent, peer: RenewingAgent): string =>
  agent.life.links.view(peer.id).state

const known = (agent: RenewingAgent, peer: RenewingAgent) =>
  agent.life.peers.directory.byFingerprint(peer.id)

const ask = (from: RenewingAgent, to: RenewingAgent) =>
  from.life.links.call(to.id, 'getPinnedIdentity', { signal: never, timeoutMs: 5_000 })

/** The new CA is used by all, the former by nobody. */
async function renewed(a: RenewingAgent, peers: readonly RenewingAgent[]): Promise<void> {
  await until(() => expect(a.view().stage).toBe('Settled'))
  const { fingerprint } = a.life.identity
  for (const peer of peers)
    await until(() => {
      expect(known(peer, a)).toMatchObject({ fingerprint: a.id, caFingerprint: fingerprint })
      expect(known(peer, a)?.nextCa).toBeUndefined()
      expect(stateOf(peer, a)).toBe('Connected')
      expect(stateOf(a, peer)).toBe('Connected')
    })
}

describe('a renewal', () => {
  test('is pinned by the peers, used, and then alone: nothing is kept under another name', async () => {
    const { a, b } = await pair()
    const uid = known(b, a)?.uid
    await a.life.renewal.rotate({ force: false }, never)
    await renewed(a, [b])
    expect(a.life.identity.fingerprint).not.toBe(a.id)
    expect(a.life.identity.origin).toBe(a.id)
    expect(known(b, a)).toMatchObject({ uid, name: 'a', fingerprint: a.id })
    expect(b.life.peers.directory.byCa(a.id)).toBeUndefined()
    expect(await ask(a, b)).toEqual({ fingerprint: a.life.identity.fingerprint })
    expect(a.life.notified).toContain('IdentityRenewed')
    expect(b.life.notified).toContain('PeerIdentityRenewed')
    expect(a.life.audited).toContainEqual(
      expect.objectContaining({ actor: 'agent', action: 'renewIdentity', outcome: 'done' }),
    )
    expect(b.life.audited.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['announceIdentity', 'renewIdentity']),
    )
  })

  test('leaves no request unanswered, and both are linked after both were restarted', async () => {
    const { a, b } = await pair()
    const over = new AbortController()
    const failures: unknown[] = []
    let answered = 0
    const loop = (async () => {
      while (!over.signal.aborted) {
        // A refusal at once must not keep everything else from happening.
        await new Promise((resolve) => setImmediate(resolve))
        await Promise.all([ask(a, b), ask(b, a)]).then(
          () => answered++,
          (error: unknown) => failures.push(error),
        )
      }
    })()
    await a.life.renewal.rotate({ force: false }, never)
    await renewed(a, [b])
    over.abort()
    await loop
    expect(failures).toEqual([])
    expect(answered).toBeGreaterThan(0)
    await Promise.all([a.kill(), b.kill()])
    await Promise.all([a.start(), b.start()])
    await renewed(a, [b])
    await expect(ask(b, a)).resolves.toEqual({ fingerprint: b.id })
  })

  test('may follow another at once, and goes through when only one side can dial', async () => {
    const { a, b } = await pair({ bDials: false })
    for (const round of [1, 2]) {
      const before = a.life.identity.fingerprint
      await a.life.renewal.rotate({ force: false }, never)
      await renewed(a, [b])
      expect(a.life.identity.fingerprint).not.toBe(before)
      expect(b.store.get('a')?.spec.renewals).toHaveLength(round)
    }
    // And the other way about: the one that cannot dial asks to be dialled.
    await b.life.renewal.rotate({ force: false }, never)
    await renewed(b, [a])
  })

  test('may happen on both sides at the same time', async () => {
    const { a, b } = await pair()
    await Promise.all([
      a.life.renewal.rotate({ force: false }, never),
      b.life.renewal.rotate({ force: false }, never),
    ])
    await renewed(a, [b])
    await renewed(b, [a])
    await expect(ask(a, b)).resolves.toMatchObject({ fingerprint: a.life.identity.fingerprint })
  })

  test('waits for a peer that is away, and is told to it when it is back', async () => {
    const { a, b } = await pair()
    const c = await aRenewingAgent('c')
    befriend(a, c)
    await until(() => expect(stateOf(a, c)).toBe('Connected'))
    await c.kill()
    await until(() => expect(stateOf(a, c)).toBe('Disconnected'))
    await a.life.renewal.rotate({ force: false }, never)
    await until(() =>
      expect(a.view()).toMatchObject({
        stage: 'Announced',
        peers: [
          { name: 'b', state: 'Knows' },
          { name: 'c', state: 'Waiting' },
        ],
      }),
    )
    expect(a.life.identity.fingerprint).toBe(a.id)
    expect(known(b, a)?.nextCa).toBeDefined()
    await c.start()
    await renewed(a, [b, c])
  })

  test('that is forced keeps the former key for who is away, until they have learnt', async () => {
    const { a, b } = await pair()
    await b.kill()
    await until(() => expect(stateOf(a, b)).toBe('Disconnected'))
    const view = await a.life.renewal.rotate({ force: true }, never)
    expect(view).toMatchObject({ stage: 'Switched', former: a.id })
    expect(a.life.identity.fingerprint).not.toBe(a.id)
    await b.start()
    await renewed(a, [b])
    expect(a.secret.record?.stage).toEqual({ kind: 'Settled' })
  })

  test('leaves behind who has not learnt when the former key is erased', async () => {
    const { a, b } = await pair()
    await b.kill()
    await until(() => expect(stateOf(a, b)).toBe('Disconnected'))
    await a.life.renewal.rotate({ force: true }, never)
    await a.life.renewal.forgetFormer(never)
    expect(JSON.stringify(a.secret.record)).not.toContain('untold')
    await b.start()
    await until(() => expect(b.life.links.view(a.id)).toMatchObject({ state: 'Disconnected' }))
    await expect(ask(a, b)).rejects.toMatchObject({ code: 'LinkDown' })
  })

  test('does not go past a peer that is too old, unless it is forced; then it stays linked', async () => {
    const { a, b } = await pair({ bIsOld: true })
    expect(await a.life.renewal.plan(never)).toMatchObject({
      stage: 'Settled',
      peers: [{ name: 'b', state: 'CannotRenew' }],
    })
    await a.life.renewal.rotate({ force: false }, never)
    await until(() =>
      expect(a.view()).toMatchObject({
        stage: 'Announced',
        peers: [
          {
            name: 'b',
            state: 'CannotRenew',
            message: expect.stringContaining('update') as unknown,
          },
        ],
      }),
    )
    await a.life.renewal.rotate({ force: true }, never)
    expect(a.view()).toMatchObject({ stage: 'Switched', peers: [{ state: 'CannotRenew' }] })
    expect(stateOf(a, b)).toBe('Connected')
    await Promise.all([a.kill(), b.kill()])
    await Promise.all([a.start(), b.start()])
    await until(() => expect(stateOf(b, a)).toBe('Connected'))
    expect(known(b, a)?.caFingerprint).toBeUndefined()
  })

  test('can be cancelled before the switch; peers forget the CA, and the next one goes through', async () => {
    const { a, b } = await pair()
    const c = await aRenewingAgent('c', { isOld: true })
    befriend(a, c)
    await until(() => expect(stateOf(a, c)).toBe('Connected'))
    await a.life.renewal.rotate({ force: false }, never)
    await until(() => expect(known(b, a)?.nextCa).toBeDefined())
    await a.life.renewal.cancel(never)
    await until(() => expect(known(b, a)?.nextCa).toBeUndefined())
    await until(() => expect(a.secret.record?.stage).toEqual({ kind: 'Settled' }))
    expect(a.life.identity.fingerprint).toBe(a.id)
    await expect(a.life.renewal.cancel(never)).rejects.toMatchObject({ code: 'NoRenewal' })
    a.store.delete('c')
    await a.life.renewal.rotate({ force: false }, never)
    await renewed(a, [b])
    await expect(a.life.renewal.cancel(never)).rejects.toMatchObject({ code: 'NoRenewal' })
  })
})

describe('a renewal that dies', () => {
  // Announcing, hearing of b's confirmation, switching, erasing.
  test.each([0, 1, 2, 3])('after %i writes goes on where it was', async (writesLeft) => {
    const { a, b } = await pair()
    a.secret.writesLeft = writesLeft
    await a.life.renewal.rotate({ force: false }, never).catch(() => undefined)
    await until(() => expect(a.secret.writesLeft).toBe(0))
    await Promise.all([a.kill(), b.kill()])
    a.secret.writesLeft = undefined
    await Promise.all([a.start(), b.start()])
    await until(() => expect(stateOf(b, a)).toBe('Connected'))
    if (writesLeft === 0) {
      // Nothing was stored, so nothing has begun.
      expect(a.view().stage).toBe('Settled')
      await a.life.renewal.rotate({ force: false }, never)
    }
    await renewed(a, [b])
    expect(b.store.get('a')?.spec.renewals).toHaveLength(1)
  })

  test('at the peer, before or after it has pinned, goes on as well', async () => {
    const { a, b } = await pair()
    const c = await aRenewingAgent('c', { isOld: true })
    befriend(a, c)
    await until(() => expect(stateOf(a, c)).toBe('Connected'))
    await a.life.renewal.rotate({ force: false }, never)
    await until(() => expect(known(b, a)?.nextCa).toBeDefined())
    await b.kill()
    await b.start()
    a.store.delete('c')
    await renewed(a, [b])
  })
})

describe('an attacker', () => {
  test('with the former key gets nothing once the new CA is used', async () => {
    const { a, b } = await pair()
    const stolen = a.secret.record
    await a.life.renewal.rotate({ force: false }, never)
    await renewed(a, [b])
    const thief = await aRenewingAgent('thief')
    await thief.kill()
    thief.secret.record = stolen
    await thief.start()
    thief.store.apply('b', {
      caCertificate: b.life.identity.caCertificatePem,
      confirmed: true,
      url: b.url,
    })
    await until(() => expect(thief.life.links.view(b.id).message).toMatch(/does not know your CA/))
    expect(stateOf(b, a)).toBe('Connected')
  })

  test('with a certificate of the former CA proves nothing to who knows the new one, and answers for nobody', async () => {
    const { a, b } = await pair()
    const stolen = a.secret.record
    const former = a.life.identity.forPeer(b.id)
    const leaf = await former.issueLeaf()
    await a.life.renewal.rotate({ force: false }, never)
    await renewed(a, [b])
    // As a caller: in the name of either CA.
    const host = { url: b.url, identity: b.life.identity }
    expect(await upgrade(host, claiming(former))).toBe(403)
    expect(await prove(host, a.life.identity, leaf)).toBe(4001)
    expect(stateOf(b, a)).toBe('Connected')
    // As who answers at the address of the agent.
    const thief = await aRenewingAgent('thief')
    await thief.kill()
    thief.secret.record = stolen
    await thief.start()
    thief.store.apply('b', { caCertificate: b.life.identity.caCertificatePem, confirmed: true })
    await a.kill()
    const peer = b.store.get('a')
    if (peer === undefined) throw new Error('b knows a')
    b.store.apply('a', { ...peer.spec, url: thief.url })
    await until(() =>
      expect(b.life.links.view(a.id)).toMatchObject({
        state: 'Disconnected',
        trouble: 'CertificateRefused',
      }),
    )
  })

  test('who is a peer pins nothing for another peer, and plays no statement again', async () => {
    const { a, b } = await pair()
    const evil = await aRenewingAgent('evil')
    befriend(evil, b)
    await until(() => expect(stateOf(evil, b)).toBe('Connected'))
    await a.life.renewal.rotate({ force: false }, never)
    const heard = a.secret.record?.stage
    await renewed(a, [b])
    if (heard?.kind !== 'Announced') throw new Error('It was not announced')
    const say = (from: RenewingAgent, body: IdentityRenewal) =>
      from.life.links.call(b.id, 'putIdentityRenewal', { body, signal: never, timeoutMs: 5_000 })
    const before = b.store.list().map(({ spec }) => spec)
    // What it overheard, in its own name and in that of the other.
    await expect(say(evil, heard.announcement)).rejects.toMatchObject({ code: 'RenewalOutdated' })
    await expect(say(evil, { ...heard.announcement, former: evil.id })).rejects.toMatchObject({
      code: 'RenewalInvalid',
    })
    // The peer itself, or whoever speaks for it, says what is over.
    await expect(say(a, heard.announcement)).rejects.toMatchObject({ code: 'RenewalOutdated' })
    expect(b.store.list().map(({ spec }) => spec)).toEqual(before)
  })

  test('who asks again and again is slowed', async () => {
    const { a, b } = await pair()
    const withdraw = () =>
      a.life.links.call(b.id, 'withdrawIdentityRenewal', {
        params: { fingerprint: 'f'.repeat(64) },
        signal: never,
        timeoutMs: 5_000,
      })
    const answers = await Promise.allSettled(Array.from({ length: 12 }, withdraw))
    expect(
      answers.map((answer) =>
        answer.status === 'rejected' ? (answer.reason as { code: string }).code : 'done',
      ),
    ).toContain('RateLimited')
  })

  test('who was removed comes back by neither CA', async () => {
    const { a, b } = await pair()
    await a.life.renewal.rotate({ force: false }, never)
    await renewed(a, [b])
    await b.life.peers.remove('a', { executingApps: 'delete', remoteApps: 'keep' }, never)
    const { caCertificatePem, fingerprint } = a.life.identity
    for (const ca of [a.id, fingerprint]) expect((await b.revokedText()).includes(ca)).toBe(true)
    b.store.apply('again', { caCertificate: caCertificatePem, confirmed: true })
    expect(b.life.peers.directory.byName('again')).toBeUndefined()
    await until(() => expect(stateOf(a, b)).toBe('Disconnected'))
  })
})
