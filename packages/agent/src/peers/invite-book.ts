import { PorpulsionError } from '@porpulsion/contract'
import { Type, type Static } from 'typebox'
import type { StoredRecord } from '../documents/index.ts'
import type { Clock, Tasks } from '../observability/index.ts'
import { isExpired, maxOpenInvites, type InviteRecord } from './invite.ts'

/** What lies in Secret `porpulsion-invites`. */
export const InviteDocument = Type.Object({
  invites: Type.Array(
    Type.Object({
      id: Type.String(),
      key: Type.String(),
      createdAt: Type.String(),
      createdBy: Type.String(),
      expiresAt: Type.String(),
      autoConfirm: Type.Boolean(),
      name: Type.String(),
      url: Type.String(),
      usedBy: Type.Optional(Type.String()),
    }),
  ),
})
export type InviteDocument = Static<typeof InviteDocument>

export interface InviteBookDeps {
  readonly record: StoredRecord<InviteDocument>
  readonly clock: Clock
  readonly tasks: Tasks
  /** The list of open invites is another one. */
  readonly onChange: () => void
}

/** Every invite whose holder is owed an answer: the open ones, and the spent ones while memory lasts. */
export type FoundInvite =
  | { readonly kind: 'open'; readonly record: InviteRecord }
  | { readonly kind: 'used'; readonly record: InviteRecord; readonly usedBy: string }
  | { readonly kind: 'expired'; readonly record: InviteRecord }

/** Spent invites that whoever proves the secret is still told about; the oldest is forgotten first. */
const maxRememberedInvites = 1_000
/** How long an expired invite may lie in the store. */
const sweepIntervalMs = 60_000

/**
 * Keeps open invites in the store and nothing longer than it must: used, expired and revoked ones are erased there.
 * What became of used and expired ones stays in memory only, to tell the one who lost a reply or came too late.
 */
export class InviteBook {
  readonly #deps: InviteBookDeps
  readonly #spent = new Map<string, InviteRecord>()
  #cancelSweep: (() => void) | undefined

  constructor(deps: InviteBookDeps) {
    this.#deps = deps
  }

  /** Reads what is there; what a crash left half-way (used and not erased) is put right. */
  async start(signal: AbortSignal): Promise<void> {
    await this.#deps.record.start(signal)
    await this.sweep()
    this.#sweepLater()
    signal.addEventListener('abort', () => this.#cancelSweep?.(), { once: true })
  }

  /** Open and not expired, oldest first. */
  list(): readonly InviteRecord[] {
    return this.#stored().filter((invite) => !this.#isSpent(invite))
  }

  async add(record: InviteRecord): Promise<void> {
    await this.sweep()
    await this.#update((invites) => {
      if (invites.length >= maxOpenInvites) throw tooMany()
      return [...invites, record]
    })
  }

  async revoke(id: string): Promise<void> {
    if (!this.list().some((invite) => invite.id === id))
      throw new PorpulsionError('NotFound', 'InviteNotFound', `There is no open invite "${id}"`)
    await this.#update((invites) => invites.filter((invite) => invite.id !== id))
  }

  find(id: string): FoundInvite | undefined {
    const stored = this.#stored().find((invite) => invite.id === id)
    const record = stored ?? this.#spent.get(id)
    if (record === undefined) return undefined
    if (record.usedBy !== undefined) return { kind: 'used', record, usedBy: record.usedBy }
    if (isExpired(record, this.#deps.clock.now())) return { kind: 'expired', record }
    return stored === undefined ? undefined : { kind: 'open', record }
  }

  /** Binds the invite to one redeemer, in the store first: two that come at once cannot both have it. */
  async markUsed(id: string, fingerprint: string): Promise<FoundInvite | undefined> {
    await this.#update((invites) =>
      invites.map((invite) =>
        invite.id === id && invite.usedBy === undefined
          ? { ...invite, usedBy: fingerprint }
          : invite,
      ),
    )
    return this.find(id)
  }

  /** Moves what is used or expired from the store to memory. */
  async sweep(): Promise<void> {
    const spent = this.#stored().filter((invite) => this.#isSpent(invite))
    if (spent.length === 0) return
    for (const invite of spent) this.#remember(invite)
    await this.#update((invites) => invites.filter((invite) => !this.#isSpent(invite)))
  }

  #stored(): readonly InviteRecord[] {
    return this.#deps.record.current().invites
  }

  async #update(change: (invites: InviteRecord[]) => InviteRecord[]): Promise<void> {
    await this.#deps.record.update(({ invites }) => ({ invites: change(invites) }))
    this.#deps.onChange()
  }

  #sweepLater(): void {
    this.#cancelSweep = this.#deps.clock.setTimeout(() => {
      this.#sweepLater()
      this.#deps.tasks.run('sweep invites', () => this.sweep())
    }, sweepIntervalMs)
  }

  #remember(invite: InviteRecord): void {
    this.#spent.set(invite.id, invite)
    for (const id of this.#spent.keys()) {
      if (this.#spent.size <= maxRememberedInvites) break
      this.#spent.delete(id)
    }
  }

  #isSpent(invite: InviteRecord): boolean {
    return invite.usedBy !== undefined || isExpired(invite, this.#deps.clock.now())
  }
}

const tooMany = (): PorpulsionError =>
  new PorpulsionError(
    'LimitExceeded',
    'TooManyInvites',
    `${maxOpenInvites} invites are open already; revoke some, or wait until they expire`,
  )
