import { expect, test, vi } from 'vitest'
import { anAgeingIdentity } from '../../test/support/identities.ts'
import { aSocketAgent, link } from '../../test/support/socket-agents.ts'

// Real time, for once: it is the whole of rotation, with real certificates, that has to work.
test.each(['the dialler', 'the acceptor'] as const)(
  'a certificate of %s that ages is replaced by another, and nobody notices',
  async (whose) => {
    const ageing = await anAgeingIdentity('ageing')
    const a = await aSocketAgent('a', whose === 'the dialler' ? { identity: ageing } : {})
    const b = await aSocketAgent('b', whose === 'the acceptor' ? { identity: ageing } : {})
    await link(a, b)
    const states = new Set<string>()
    for (const agent of [a, b]) agent.links.onChange((_fingerprint, { state }) => states.add(state))
    const [first] = [...b.sockets]
    const gone = vi.fn()
    first?.once('close', gone)
    await vi.waitFor(() => expect(gone).toHaveBeenCalled(), 10_000)
    expect(ageing.issued()).toBeGreaterThan(1)
    states.delete('Connected')
    expect([...states]).toEqual([])
    const { signal } = new AbortController()
    expect((await a.links.call(b.identity.fingerprint, 'getSelf', { signal })).name).toBe('b')
  },
)
