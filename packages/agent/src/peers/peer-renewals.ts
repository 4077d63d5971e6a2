import type { CaRenewal, IdentityRenewal, PeerSpec, PinnedIdentity } from '@porpulsion/contract'
import type { CallingPeer } from '../api/index.ts'
import { peerActor, type Audit } from '../audit/index.ts'
import type { Clock, Logger } from '../observability/index.ts'
import { readCaCertificate } from './ca-certificate.ts'
import type { CaChain } from './ca-chain.ts'
import { peerNotFound } from './confirm-peer.ts'
import { isoSeconds } from './iso-seconds.ts'
import type { PeerStore, StoredPeer } from './peer-store.ts'
import { judgeRenewal } from './renewal-rules.ts'
import type { Revocations } from './revocations.ts'
import type { StoredPeerDirectory } from './stored-peer-directory.ts'

export interface PeerRenewalsDeps {
  readonly store: PeerStore
  readonly directory: StoredPeerDirectory
  readonly revocations: Pick<Revocations, 'find'>
  readonly isOurs: (fingerprint: string) => boolean
  readonly clock: Clock
  readonly logger: Logger
  readonly audit: Audit
  /** Tells our operator. */
  readonly tell: (peer: StoredPeer, former: string, next: string) => void
}

type Caller = Pick<CallingPeer, 'name' | 'fingerprint' | 'ca'>

/** What peers tell of their own CAs, kept in their Peers. One at a time: each answer follows from the one before. */
export class PeerRenewals {
  readonly #deps: PeerRenewalsDeps
  #last: Promise<unknown> = Promise.resolve()

  constructor(deps: PeerRenewalsDeps) {
    this.#deps = deps
  }

  pinned(caller: Caller): PinnedIdentity {
    return pinnedOf(this.#known(caller).chain)
  }

  /** Pins the new CA beside the one the peer has. Resolves once a session under either would come up. */
  pin(caller: Caller, renewal: IdentityRenewal): Promise<PinnedIdentity> {
    return this.#inTurn(async () => {
      const { store, directory, revocations, isOurs } = this.#deps
      const { stored, chain } = this.#known(caller)
      const verdict = judgeRenewal({
        chain,
        provenBy: caller.ca ?? caller.fingerprint,
        renewal,
        reading: readCaCertificate(Buffer.from(renewal.caCertificate, 'base64')),
        isOurs,
        isRevoked: (fingerprint) => revocations.find(fingerprint) !== undefined,
        isOfAnother: (fingerprint) => directory.holderOf(fingerprint) !== undefined,
      })
      if (verdict.kind === 'refused') throw verdict.error
      if (verdict.kind === 'known') return pinnedOf(chain)
      const { ca, after } = verdict
      const { sequence, caCertificate, formerSignature, signature } = renewal
      const renewedAt = isoSeconds(this.#deps.clock.now())
      await store.updateSpec(stored, {
        renewals: [
          ...upTo(stored.spec, chain, after.fingerprint),
          { caCertificate, sequence, formerSignature, signature, renewedAt },
        ],
      })
      this.#note(stored, 'announceIdentity', after.fingerprint, ca.fingerprint)
      this.#deps.tell(stored, after.fingerprint, ca.fingerprint)
      return { fingerprint: after.fingerprint, next: ca.fingerprint }
    })
  }

  /** The peer takes back what it has announced. */
  withdraw(caller: Caller, fingerprint: string): Promise<PinnedIdentity> {
    return this.#inTurn(async () => {
      const { stored, chain } = this.#known(caller)
      const { current, next } = chain
      const mayBeMeant = next?.fingerprint === fingerprint
      // Only the CA that announced it may: whoever has the new one alone decides nothing yet.
      if (!mayBeMeant || (caller.ca ?? caller.fingerprint) !== current.fingerprint)
        return pinnedOf(chain)
      await this.#deps.store.updateSpec(stored, {
        renewals: upTo(stored.spec, chain, current.fingerprint),
      })
      this.#note(stored, 'withdrawIdentity', current.fingerprint, fingerprint)
      return { fingerprint: current.fingerprint }
    })
  }

  /** A session of this peer came up, proven by this CA: if that is the announced one, the former counts no more. */
  proven(fingerprint: string, ca: string): Promise<void> {
    return this.#inTurn(async () => {
      const peer = this.#deps.directory.byFingerprint(fingerprint)
      if (peer?.nextCa?.fingerprint !== ca) return
      const { stored, chain } = this.#known(peer)
      const former = chain.current.fingerprint
      await this.#deps.store.updateSpec(stored, { renewals: upTo(stored.spec, chain, ca) })
      this.#note(stored, 'renewIdentity', former, ca)
    })
  }

  #known({ name }: Pick<Caller, 'name'>): { readonly stored: StoredPeer; readonly chain: CaChain } {
    const stored = this.#deps.store.get(name)
    const standing = this.#deps.directory.standing(name)
    if (stored === undefined || standing?.kind !== 'known') throw peerNotFound(name)
    return { stored, chain: standing.chain }
  }

  #note({ metadata: { name } }: StoredPeer, action: string, former: string, next: string): void {
    this.#deps.logger.info({ peer: name, action, former, next }, 'Peer renews its identity')
    this.#deps.audit.record({
      actor: peerActor(name),
      action,
      about: `identity/${next}`,
      outcome: 'done',
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work)
    this.#last = turn.catch(() => undefined)
    return turn
  }
}

const pinnedOf = ({ current, next }: CaChain): PinnedIdentity => ({
  fingerprint: current.fingerprint,
  ...(next !== undefined && { next: next.fingerprint }),
})

/** The renewals up to this CA, which is in use. */
function upTo({ renewals = [] }: PeerSpec, { cas }: CaChain, fingerprint: string): CaRenewal[] {
  const count = cas.findIndex((ca) => ca.fingerprint === fingerprint)
  return renewals.slice(0, count).map((renewal) => ({ ...renewal, inUse: true }))
}
