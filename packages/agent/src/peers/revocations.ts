import { Type, type Static } from 'typebox'
import type { StoredRecord } from '../documents/index.ts'
import type { Clock } from '../observability/index.ts'
import type { CaChain } from './ca-chain.ts'
import { isoSeconds } from './iso-seconds.ts'

/** What lies in ConfigMap `porpulsion-revoked`. */
export const RevocationDocument = Type.Object({
  revoked: Type.Array(
    Type.Object({
      fingerprint: Type.String(),
      /** Our name for it then. */
      name: Type.String(),
      revokedAt: Type.String(),
    }),
  ),
})
export type RevocationDocument = Static<typeof RevocationDocument>

/** A CA that was a peer and must not come back by itself. */
export type Revocation = RevocationDocument['revoked'][number]

/** The oldest is forgotten first: an unknown fingerprint gets no further than a revoked one. */
const maxRevocations = 5_000

/** The revoked list. */
export class Revocations {
  readonly #record: StoredRecord<RevocationDocument>
  readonly #onChange: () => void

  constructor(record: StoredRecord<RevocationDocument>, onChange: () => void) {
    this.#record = record
    this.#onChange = onChange
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#record.start(signal)
    this.#onChange()
  }

  find(fingerprint: string): Revocation | undefined {
    return this.#record.current().revoked.find((entry) => entry.fingerprint === fingerprint)
  }

  async add(revocation: Revocation): Promise<void> {
    if (this.find(revocation.fingerprint) !== undefined) return
    await this.#update((list) => [...without(list, revocation.fingerprint), revocation])
  }

  /** A new invite was redeemed: it may come back. */
  async lift(fingerprint: string): Promise<void> {
    if (this.find(fingerprint) === undefined) return
    await this.#update((list) => without(list, fingerprint))
  }

  async #update(change: (list: Revocation[]) => Revocation[]): Promise<void> {
    await this.#record.update(({ revoked }) => ({
      revoked: change(revoked).slice(-maxRevocations),
    }))
    this.#onChange()
  }
}

/** Every CA the peer has or had: none of them brings it back. */
export async function revokeChain(
  revocations: Revocations,
  { cas }: CaChain,
  name: string,
  clock: Clock,
): Promise<void> {
  const revokedAt = isoSeconds(clock.now())
  for (const { fingerprint } of cas) await revocations.add({ fingerprint, name, revokedAt })
}

const without = (list: readonly Revocation[], fingerprint: string): Revocation[] =>
  list.filter((revocation) => revocation.fingerprint !== fingerprint)
