import { decodeInviteBundle, encodeInviteBundle, type Peer } from '@porpulsion/contract'
import { expect, test, vi } from 'vitest'
import { anIdentity } from '../../test/support/identities.ts'
import { aWorld, answered, type PeeringAgent } from '../../test/support/peering-agents.ts'
import { introduceSelf } from './introduce-self.ts'
import type { LinkView, LinkViews } from './link-view.ts'

/** Six words cost a tenth of a second of one core, which others may be using. */
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000 })

const signal = new AbortController().signal

async function twoAgents() {
  const world = aWorld()
  const a = await world.agent('a')
  const b = await world.agent('b')
  const { bundle, record } = await a.peers.createInvite({ createdBy: 'admin' })
  const join = (agent: PeeringAgent, as?: string): Promise<Peer> =>
    agent.peers.add({ bundle, confirm: false, ...(as !== undefined && { as }) }, signal)
  return { world, a, b, bundle, invite: record.id, join }
}

const secretOf = (bundle: string): string => decodeInviteBundle(bundle).secret

test('both sides hold the other by its CA, unconfirmed, and show the same six words', async () => {
  const { a, b, join } = await twoAgents()
  const atB = await join(b)
  expect(atB.metadata.name).toBe('a')
  expect(a.peers.directory.byName('b')).toMatchObject({
    fingerprint: b.identity.fingerprint,
    url: 'https://b.example',
    confirmed: false,
  })
  expect(b.peers.directory.byName('a')).toMatchObject({
    fingerprint: a.identity.fingerprint,
    url: 'https://a.example',
    confirmed: false,
  })
  await until(() => {
    const words = a.peers.get('b').status?.words
    expect(words?.split(' ')).toHaveLength(6)
    expect(b.peers.get('a').status?.words).toBe(words)
  })
  expect(a.notified).toEqual(['PeerAwaitingConfirmation'])
})

test('the secret of an invite is neither stored nor sent, and a used one is erased', async () => {
  const { world, a, b, bundle, join } = await twoAgents()
  const stored = await a.invites.read()
  expect(stored?.text).not.toContain(secretOf(bundle))
  world.wire = (request, deliver) => {
    expect(JSON.stringify(request)).not.toContain(secretOf(bundle))
    return deliver(request)
  }
  await join(b)
  expect((await a.invites.read())?.text).toBe('{"invites":[]}')
  expect(a.peers.listInvites()).toEqual([])
})

test('a lost reply burns nothing: the same agent redeems again and is answered', async () => {
  const { world, a, b, join } = await twoAgents()
  const whole = world.wire
  world.wire = async (request, deliver) => {
    await deliver(request)
    throw new Error('the reply was lost')
  }
  await expect(join(b)).rejects.toThrow('lost')
  world.wire = whole
  await join(b)
  expect(b.peers.directory.byName('a')).toBeDefined()
  expect(a.peers.directory.list()).toHaveLength(1)
})

test('a used invite is refused to anybody else, who is told that it was used', async () => {
  const { world, a, b, join } = await twoAgents()
  await join(b)
  const c = await world.agent('c')
  await expect(join(c)).rejects.toMatchObject({ code: 'InviteUsed' })
  expect(a.peers.directory.byFingerprint(c.identity.fingerprint)).toBeUndefined()
  expect(c.peers.directory.list()).toEqual([])
})

test('two that redeem at once do not both get it', async () => {
  const { world, a, b, join } = await twoAgents()
  const c = await world.agent('c')
  const outcomes = await Promise.allSettled([join(b), join(c)])
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(a.peers.directory.list()).toHaveLength(1)
})

test('an expired invite is refused, with its reason to who knows the secret', async () => {
  const { world, a, bundle } = await twoAgents()
  const late = await world.agent('late')
  await world.clock.advance(3_600_000)
  await expect(
    late.peers.add({ bundle, confirm: false }, signal),
    'refused before anything is sent',
  ).rejects.toMatchObject({ code: 'InviteExpired' })

  const decoded = decodeInviteBundle(bundle)
  const sent = introduceSelf(
    {
      identity: late.identity,
      selfUrl: undefined,
      client: { post: (_url, request) => answered(a.peers, request) },
    },
    decoded,
    signal,
  )
  await expect(sent, 'and by the inviting side').rejects.toMatchObject({ code: 'InviteExpired' })
  expect((await a.invites.read())?.text ?? '{"invites":[]}').toBe('{"invites":[]}')
})

test('a revoked invite, an unknown one and a wrong secret get the same answer', async () => {
  const { world, a, b, bundle, invite, join } = await twoAgents()
  const decoded = decodeInviteBundle(bundle)
  const wrongSecret = encodeInviteBundle({ ...decoded, secret: 'A'.repeat(43) })
  const unknown = encodeInviteBundle({ ...decoded, id: '0123456789abcdef' })
  const answers: unknown[] = []
  world.wire = async (request, deliver) => {
    const answer = await deliver(request)
    answers.push(answer)
    return answer
  }
  for (const bad of [wrongSecret, unknown]) {
    await expect(b.peers.add({ bundle: bad, confirm: false }, signal)).rejects.toMatchObject({
      code: 'InviteInvalid',
    })
  }
  await a.peers.revokeInvite(invite)
  await expect(join(b)).rejects.toMatchObject({ code: 'InviteInvalid' })
  expect(answers[1]).toEqual(answers[0])
  expect(answers[2]).toEqual(answers[0])
  expect(a.peers.directory.list()).toEqual([])
})

test('every invite that was redeemed, or refused to somebody, is in the audit trail', async () => {
  const { a, b, bundle, invite, join } = await twoAgents()
  const wrongSecret = encodeInviteBundle({
    ...decodeInviteBundle(bundle),
    secret: 'A'.repeat(43),
  })
  await expect(b.peers.add({ bundle: wrongSecret, confirm: false }, signal)).rejects.toThrow()
  await join(b)
  expect(a.audited).toMatchObject([
    { actor: 'anyone', action: 'redeemInvite', outcome: 'refused', reason: 'InviteInvalid' },
    { actor: 'anyone', action: 'redeemInvite', outcome: 'done', about: `invite/${invite}` },
  ])
})

test.each(['name', 'url', 'versions', 'nonce', 'caCertificate'] as const)(
  'a man in the middle who changes %s of the request is refused',
  async (field) => {
    const { world, a, b, join } = await twoAgents()
    const other = await anIdentity('x', world.clock)
    const forged = {
      name: 'evil',
      url: 'https://evil.example',
      versions: [1, 2],
      nonce: Buffer.alloc(32).toString('base64'),
      caCertificate: other.caCertificateDer.toString('base64'),
    }
    world.wire = (request, deliver) => deliver({ ...(request as object), [field]: forged[field] })
    await expect(join(b)).rejects.toMatchObject({ code: 'InviteInvalid' })
    expect(a.peers.directory.list()).toEqual([])
  },
)

test('the CA certificate of another agent cannot be introduced without its key', async () => {
  const { a, b, bundle } = await twoAgents()
  const victim = await anIdentity('victim')
  const thief = { ...victim, sign: (bytes: Uint8Array) => b.identity.sign(bytes) }
  await expect(
    introduceSelf(
      {
        identity: thief,
        selfUrl: undefined,
        client: { post: (_url, request) => answered(a.peers, request) },
      },
      decodeInviteBundle(bundle),
      signal,
    ),
  ).rejects.toMatchObject({ code: 'InviteInvalid' })
  expect(a.peers.directory.list()).toEqual([])
})

test('whoever answers in place of the inviting agent is found out, and nothing is added', async () => {
  const { world, b, bundle, join } = await twoAgents()
  const impostor = await world.agent('impostor')
  const others = await impostor.peers.createInvite({ createdBy: 'admin' })
  world.wire = () => {
    // It knows neither K nor a key of that CA, but may have copied the CA certificate.
    const { caCertificateDer } = impostor.identity
    return Promise.resolve({
      status: 200,
      body: {
        version: 1,
        name: 'a',
        url: 'https://a.example',
        caCertificate: caCertificateDer.toString('base64'),
        nonce: Buffer.alloc(32).toString('base64'),
        hmac: Buffer.alloc(32).toString('base64'),
        signature: others.record.key,
      },
    })
  }
  await expect(join(b)).rejects.toMatchObject({ code: 'PeerIdentityMismatch' })
  expect(b.peers.directory.list()).toEqual([])
  expect(bundle).toContain('porp1.')
})

test('the proof of the request cannot be handed back as the proof of the reply', async () => {
  const { world, a, b, join } = await twoAgents()
  world.wire = async (request, deliver) => {
    const { body } = await deliver(request)
    const { hmac } = request as { hmac: string }
    return { status: 200, body: { ...(body as object), hmac } }
  }
  await expect(join(b)).rejects.toMatchObject({ code: 'PeerIdentityMismatch' })
  expect(a.identity.fingerprint).not.toBe(b.identity.fingerprint)
})

test('an agent does not peer with itself', async () => {
  const { a, join } = await twoAgents()
  await expect(join(a)).rejects.toMatchObject({ code: 'SelfPeering' })
})

test('a name that is taken asks for another before the invite is used', async () => {
  const { a, b, world, join } = await twoAgents()
  b.store.apply('a', {
    caCertificate: (await anIdentity('a', world.clock)).caCertificatePem,
  })
  await expect(join(b)).rejects.toMatchObject({ code: 'PeerExists' })
  expect(a.peers.listInvites()).toHaveLength(1)
  expect((await join(b, 'another')).metadata.name).toBe('another')
})

test('a redeemer whose name is taken here gets a longer one', async () => {
  const { a, b, world, join } = await twoAgents()
  a.store.apply('b', { caCertificate: (await anIdentity('b', world.clock)).caCertificatePem })
  await join(b)
  const name = a.peers.directory.byFingerprint(b.identity.fingerprint)?.name
  expect(name).toBe(`b-${b.identity.fingerprint.slice(0, 6)}`)
})

test('an agent without a URL redeems, and cannot invite', async () => {
  const { world, a, join } = await twoAgents()
  const c = await world.agent('c', { url: false })
  await join(c)
  expect(a.peers.directory.byName('c')?.url).toBeUndefined()
  await expect(c.peers.createInvite({ createdBy: 'admin' })).rejects.toMatchObject({
    code: 'NoUrl',
  })
})

test('many failures from one address are slowed, and who holds an invite still gets in', async () => {
  const { a, b, bundle, join } = await twoAgents()
  const wrong = { ...decodeInviteBundle(bundle), secret: 'A'.repeat(43) }
  const codes: unknown[] = []
  for (let attempt = 0; attempt < 12; attempt++) {
    await introduceSelf(
      {
        identity: b.identity,
        selfUrl: undefined,
        client: { post: (_url, request) => answered(a.peers, request) },
      },
      wrong,
      signal,
    ).catch((error: unknown) => codes.push((error as { code?: unknown }).code))
  }
  expect(new Set(codes)).toEqual(new Set(['InviteInvalid', 'RateLimited']))
  await expect(join(b)).resolves.toBeDefined()
})

test('an invite may confirm by itself, and so may settings', async () => {
  const world = aWorld()
  const a = await world.agent('a')
  const b = await world.agent('b', { autoConfirm: true })
  const { bundle } = await a.peers.createInvite({ createdBy: 'admin', autoConfirm: true })
  await b.peers.add({ bundle, confirm: false }, signal)
  expect(a.peers.directory.byName('b')?.confirmed).toBe(true)
  expect(b.peers.directory.byName('a')?.confirmed).toBe(true)
  expect(a.notified).toEqual([])
})

test('confirming compares the fingerprint or the words when they are given', async () => {
  const { a, b, join } = await twoAgents()
  await join(b)
  await expect(a.peers.confirm('b', '00'.repeat(32))).rejects.toMatchObject({
    code: 'FingerprintMismatch',
  })
  await expect(a.peers.confirm('b', 'zoo zoo zoo zoo zoo zoo')).rejects.toThrow('six words')
  expect(a.peers.directory.byName('b')?.confirmed).toBe(false)
  const spelled = b.identity.fingerprint.toUpperCase().match(/../g)?.join(':')
  await a.peers.confirm('b', spelled)
  expect(a.peers.directory.byName('b')?.confirmed).toBe(true)

  await until(() => expect(b.peers.get('a').status?.words).toBeDefined())
  await b.peers.confirm('a', ` ${b.peers.get('a').status?.words?.replaceAll(' ', '\n ')}`)
  expect(b.peers.directory.byName('a')?.confirmed).toBe(true)
})

test('peers that were written down on both sides need no invite', async () => {
  const world = aWorld()
  const a = await world.agent('a')
  const b = await world.agent('b')
  a.store.apply('bee', {
    caCertificate: b.identity.caCertificatePem,
    url: 'https://b.example',
    confirmed: true,
  })
  expect(a.peers.directory.byName('bee')).toMatchObject({
    fingerprint: b.identity.fingerprint,
    confirmed: true,
  })
  await until(() => {
    const stored = a.store.get('bee')
    expect(stored?.status?.fingerprint).toBe(b.identity.fingerprint)
    expect(stored?.metadata.finalizers).toEqual(['porpulsion.io/cleanup'])
  })
})

test('a CA certificate that is exchanged later is not believed', async () => {
  const { a, b, world, join } = await twoAgents()
  await join(b)
  await until(() => expect(a.store.get('b')?.status?.fingerprint).toBeDefined())
  const other = await anIdentity('b', world.clock)
  a.store.apply('b', { caCertificate: other.caCertificatePem, confirmed: true })
  expect(a.peers.directory.byFingerprint(other.fingerprint)).toBeUndefined()
  expect(a.peers.get('b').status?.conditions[0]).toMatchObject({
    type: 'Confirmed',
    status: 'False',
    reason: 'PeerIdentityMismatch',
  })
})

test.each([
  ['no certificate at all', 'CertificateInvalid', () => Promise.resolve('hello')],
  ['our own', 'SelfPeering', (a: PeeringAgent) => Promise.resolve(a.identity.caCertificatePem)],
  [
    'a leaf',
    'CertificateInvalid',
    async (a: PeeringAgent) => (await a.identity.issueLeaf()).certificatePem,
  ],
] as const)('a Peer whose caCertificate is %s is refused by name', async (_what, reason, make) => {
  const a = await aWorld().agent('a')
  a.store.apply('odd', { caCertificate: await make(a) })
  expect(a.peers.directory.byName('odd')).toBeUndefined()
  await until(() =>
    expect(a.store.get('odd')?.status?.conditions.at(-1)).toMatchObject({ type: 'Ready', reason }),
  )
})

test('of two Peers with one CA only the older is in force', async () => {
  const world = aWorld()
  const a = await world.agent('a')
  const { caCertificatePem, fingerprint } = await anIdentity('b', world.clock)
  a.store.apply('b', { caCertificate: caCertificatePem })
  await world.clock.advance(1_000)
  a.store.apply('a-copy', { caCertificate: caCertificatePem })
  expect(a.peers.directory.byFingerprint(fingerprint)?.name).toBe('b')
  expect(a.peers.directory.byName('a-copy')).toBeUndefined()
})

test('a removed peer is unknown at once, cleared up after, and back only with a new invite', async () => {
  const { a, b, join } = await twoAgents()
  await join(b)
  const asked: unknown[] = []
  a.peers.onRemoval((peer, choices) => {
    asked.push([peer.name, choices])
    return Promise.resolve({ deletedExecutingApps: 2, forgottenRemoteApps: 1 })
  })
  const choices = { executingApps: 'keep', remoteApps: 'forget' } as const
  await expect(a.peers.remove('b', choices, signal)).resolves.toEqual({
    name: 'b',
    deletedExecutingApps: 2,
    forgottenRemoteApps: 1,
  })
  expect(asked).toEqual([['b', choices]])
  expect(a.store.list()).toEqual([])
  expect((await a.revoked.read())?.text).toContain(b.identity.fingerprint)

  a.store.apply('b', { caCertificate: b.identity.caCertificatePem, confirmed: true })
  expect(a.peers.directory.byName('b')).toBeUndefined()
  expect(a.peers.get('b').status?.linkMessage).toContain('new invite')

  const again = await a.peers.createInvite({ createdBy: 'admin' })
  await b.peers.add({ bundle: again.bundle, confirm: false }, signal)
  expect(a.peers.directory.byFingerprint(b.identity.fingerprint)).toBeDefined()
})

test('a removal ends although a feature fails, and another never answers', async () => {
  const { world, a, b, join } = await twoAgents()
  await join(b)
  a.peers.onRemoval(() => Promise.reject(new Error('boom')))
  const silent = vi.fn(() => new Promise<never>(() => undefined))
  a.peers.onRemoval(silent)
  const removed = a.peers.remove('b', { executingApps: 'delete', remoteApps: 'keep' }, signal)
  await until(() => expect(silent).toHaveBeenCalled())
  await world.clock.advance(31_000)
  await expect(removed).resolves.toMatchObject({ name: 'b' })
  expect(a.store.list()).toEqual([])
})

test('deleting the Peer with kubectl is a removal too', async () => {
  const { a, b, join } = await twoAgents()
  await join(b)
  await until(() => expect(a.store.get('b')?.metadata.finalizers).toBeDefined())
  const removed = vi.fn(() => Promise.resolve({ deletedExecutingApps: 0, forgottenRemoteApps: 0 }))
  a.peers.onRemoval(removed)
  a.store.delete('b')
  expect(a.peers.directory.byName('b')).toBeUndefined()
  await until(() => expect(a.store.list()).toEqual([]))
  expect(removed).toHaveBeenCalledOnce()
  expect((await a.revoked.read())?.text).toContain(b.identity.fingerprint)
})

test('a status that says nothing new is not written', async () => {
  const { a, b, join } = await twoAgents()
  await join(b)
  await until(() => expect(a.store.get('b')?.status?.words).toBeDefined())
  const before = a.store.statusWrites
  const stored = a.store.get('b')!
  a.store.apply('b', { ...stored.spec })
  a.store.apply('b', { ...stored.spec })
  await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setImmediate(resolve))
  expect(a.store.statusWrites).toBe(before)
})

test('what follows the directory is not woken by status alone', async () => {
  const { a, b, join } = await twoAgents()
  await join(b)
  await until(() => expect(a.store.get('b')?.status?.words).toBeDefined())
  const woken = vi.fn()
  a.peers.directory.onChange(woken)
  const stored = a.store.get('b')!
  await a.store.writeStatus(stored, { ...stored.status!, link: 'Connected' })
  expect(woken).not.toHaveBeenCalled()
  await a.peers.confirm('b', undefined)
  expect(woken).toHaveBeenCalled()
})

test('latency that trembles is no event of a Peer, and is there when the Peer is read', async () => {
  const { a, b, join } = await twoAgents()
  await join(b)
  const listeners = new Set<Parameters<LinkViews['onChange']>[0]>()
  let view: LinkView = { state: 'Connected', sinceMs: 0, latencyMs: 10 }
  a.peers.observeLinks({
    view: () => view,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  })
  const show = (next: Partial<LinkView>): void => {
    view = { ...view, ...next }
    for (const listener of listeners) listener(b.identity.fingerprint, view)
  }
  const shown = () =>
    a.events.flatMap((event) =>
      event.type === 'upsert' && event.kind === 'Peer' ? [event.object.status] : [],
    )
  await until(() => expect(shown().at(-1)).toMatchObject({ link: 'Connected' }))
  await until(() => expect(a.store.get('b')?.status?.latencyMs).toBe(10))
  const before = shown().length
  for (const latencyMs of [30, 90, 10, 200]) {
    show({ latencyMs })
    await until(() => expect(a.store.get('b')?.status?.latencyMs).toBe(latencyMs))
  }
  expect(shown()).toHaveLength(before)
  expect(a.peers.get('b').status?.latencyMs).toBe(200)
  show({ state: 'Suspect' })
  await until(() => expect(shown().at(-1)).toMatchObject({ link: 'Suspect', latencyMs: 200 }))
})
