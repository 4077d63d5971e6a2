import { createHmac } from 'node:crypto'
import { PorpulsionError } from '@porpulsion/contract'
import { LRUCache } from 'lru-cache'
import type { DocumentStore } from '../documents/index.ts'
import type { Clock } from '../observability/index.ts'
import { newSecret, sameSecret } from './secrets.ts'

/** What a ticket opens: one port of one app, by uid, so that a re-created namesake is another app. */
export interface TicketTarget {
  readonly app: string
  readonly port: number
}

/**
 * `url` travels in URLs, where it may be seen, and lives for minutes; `cookie` is what a browser gets for it, bound to
 * one origin. One is never taken for the other.
 */
export type TicketPurpose = 'url' | 'cookie'

export const TICKET_LIFE_MS: Readonly<Record<TicketPurpose, number>> = {
  url: 10 * 60_000,
  cookie: 12 * 3_600_000,
}

export interface Ticket {
  readonly text: string
  readonly expiresAtMs: number
}

/**
 * Proofs that whoever has one may use a port of an app, in the name of a session or token: once that is over, so are they.
 * Checked without asking anybody.
 */
export interface Tickets {
  /** Reads the key, or makes it. */
  start(signal: AbortSignal): Promise<void>
  issue(target: TicketTarget, purpose: TicketPurpose, holder: string): Ticket
  /** In whose name it opens this; undefined if it does not. */
  holderOf(text: string, target: TicketTarget, purpose: TicketPurpose): string | undefined
  /** With the same key, for proofs of another kind: `kind` keeps them apart. */
  sealOf(kind: string, parts: readonly string[]): string
}

/** What names a session or a token, and opens nothing: a letter and twelve hex digits. */
const holderPattern = '[st][0-9a-f]{12}'
const ticketPattern = new RegExp(`^(\\d{1,15})\\.(${holderPattern})\\.([A-Za-z0-9_-]{43})$`)

interface Proven {
  readonly holder: string
  readonly expiresAtMs: number
}

export interface TicketsDeps {
  readonly store: DocumentStore
  readonly clock: Clock
  /** Whether this session or token may use apps now. */
  readonly mayUseApps: (holder: string) => boolean
}

/** Tickets found to be ours, the last ones used, whose seals need not be made again: every request to an app brings one. */
const MAX_REMEMBERED_TICKETS = 1_024

export function createTickets({ store, clock, mayUseApps }: TicketsDeps): Tickets {
  let key: string | undefined
  const ours = new LRUCache<string, Proven>({ max: MAX_REMEMBERED_TICKETS })

  function sealOf(kind: string, parts: readonly string[]): string {
    if (key === undefined) throw new Error('Tickets were asked for before start')
    return createHmac('sha256', key)
      .update([kind, ...parts].join('\n'))
      .digest('base64url')
  }

  const seal = (
    { app, port }: TicketTarget,
    purpose: TicketPurpose,
    expiresAtSeconds: number,
    holder: string,
  ): string =>
    sealOf('porpulsion/ticket/2', [purpose, app, String(port), String(expiresAtSeconds), holder])

  /** What it says, if it is ours and for this. */
  function proof(text: string, target: TicketTarget, purpose: TicketPurpose): Proven | undefined {
    const [, expires = '', holder = '', mac = ''] = ticketPattern.exec(text) ?? []
    if (mac === '' || !sameSecret(mac, seal(target, purpose, Number(expires), holder)))
      return undefined
    return { holder: copyOf(holder), expiresAtMs: Number(expires) * 1_000 }
  }

  return {
    sealOf,

    async start(signal) {
      while (key === undefined) {
        // Who loses the race to create it reads what the winner wrote.
        const stored =
          (await store.read(signal)) ?? (await store.write(newSecret(), undefined, signal))
        if (stored !== undefined) key = checkedKey(store, stored.text)
        signal.throwIfAborted()
      }
    },

    issue(target, purpose, holder) {
      const expiresAtSeconds = Math.floor((clock.now() + TICKET_LIFE_MS[purpose]) / 1_000)
      return {
        text: `${expiresAtSeconds}.${holder}.${seal(target, purpose, expiresAtSeconds, holder)}`,
        expiresAtMs: expiresAtSeconds * 1_000,
      }
    },

    holderOf(text, target, purpose) {
      const place = `${purpose}\n${target.app}\n${target.port}\n${text}`
      const known = ours.get(place)
      const proven = known ?? proof(text, target, purpose)
      if (proven === undefined || proven.expiresAtMs <= clock.now()) return undefined
      if (known === undefined) ours.set(copyOf(place), proven)
      return mayUseApps(proven.holder) ? proven.holder : undefined
    },
  }
}

/** A piece of a string keeps the whole in memory: here a header of any length, for as long as it is remembered. */
const copyOf = (text: string): string => Buffer.from(text).toString()

/** With an empty key anybody could make tickets. */
function checkedKey(store: DocumentStore, text: string): string {
  if (text.length >= newSecret().length) return text
  throw new PorpulsionError(
    'FailedPrecondition',
    'RecordUnreadable',
    `${store.description} holds no key; delete it, and the agent makes one`,
  )
}
