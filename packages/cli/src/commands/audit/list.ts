import { setTimeout as wait } from 'node:timers/promises'
import type { AuditEntry, AuditOutcome, AuditQuery } from '@porpulsion/contract'
import type { Client } from '../../client/client.ts'
import type { Input } from '../../command.ts'
import { connect } from '../../connect.ts'
import { durationSeconds, integer, usageError } from '../../input/values.ts'
import { printLine, type Io } from '../../io.ts'
import { printList, type ListView, type OutputFlags } from '../../output/format.ts'
import { plain } from '../../output/table.ts'

interface Flags extends OutputFlags {
  readonly since?: string
  readonly actor?: string
  readonly action?: string
  readonly about?: string
  readonly outcome?: AuditOutcome
  readonly peer?: string
  readonly limit?: string
  readonly follow?: boolean
}

export async function listAudit(io: Io, { flags }: Input<Flags>): Promise<void> {
  const query = queryOf(flags, io.now())
  const isForPrograms = flags.output === 'json'
  if (flags.follow === true && flags.output !== undefined && !isForPrograms)
    throw usageError('--follow prints lines, or with -o json one object a line')
  const { client } = await connect(io, flags)
  if (flags.follow === true) await follow(io, client, query, isForPrograms)
  else await printList(io, flags, await client.call('listAudit', { query }), view)
}

function queryOf(flags: Flags, nowMs: number): AuditQuery {
  const { since, actor, action, about, outcome, peer, limit } = flags
  return {
    ...(since !== undefined && {
      since: new Date(nowMs - durationSeconds('--since', since) * 1_000).toISOString(),
    }),
    ...(actor !== undefined && { actor }),
    ...(action !== undefined && { action }),
    ...(about !== undefined && { about }),
    ...(outcome !== undefined && { outcome }),
    ...(peer !== undefined && { peer }),
    ...(limit !== undefined && { limit: integer('--limit', limit, { min: 1, max: MAX_ENTRIES }) }),
  }
}

/** All an agent remembers. */
const MAX_ENTRIES = 2_000
const FOLLOW_INTERVAL_MS = 2_000

/** By asking again: the agent may restart in between, and what it still has is not missed. */
async function follow(io: Io, client: Client, query: AuditQuery, asJson: boolean): Promise<void> {
  const line = asJson ? (entry: AuditEntry) => JSON.stringify(entry) : lineOf
  let shown: ReadonlySet<string> = new Set()
  let next = query
  for (;;) {
    const { items } = await client.call('listAudit', { query: next })
    for (const entry of items.toReversed())
      if (!shown.has(entry.id)) await printLine(io, line(entry))
    const [newest] = items
    // What came within the same millisecond is asked for again, and known by its id.
    if (newest !== undefined) next = { ...query, since: newest.time, limit: MAX_ENTRIES }
    shown = new Set(items.map(({ id }) => id))
    await wait(FOLLOW_INTERVAL_MS, undefined, { signal: io.signal })
  }
}

const view: ListView<AuditEntry> = {
  columns: [
    { title: 'TIME', value: ({ time }) => time },
    { title: 'WHO', value: ({ actor }) => actor },
    { title: 'WHAT', value: ({ action }) => action },
    { title: 'ABOUT', value: aboutOf },
    { title: 'OUTCOME', value: outcomeOf },
    { title: 'FROM', value: ({ from }) => from ?? '' },
    { title: 'ID', value: ({ id }) => id, isWide: true },
  ],
  nameOf: ({ id }) => `audit/${id}`,
  whenEmpty: 'Nothing of this kind is in the audit trail.',
}

function aboutOf({ about, peer, changes }: AuditEntry): string {
  return [about, peer === undefined ? undefined : `peer/${peer}`, changes?.join(',')]
    .filter((part) => part !== undefined && part !== '')
    .join(' ')
}

function outcomeOf({ outcome, reason, count }: AuditEntry): string {
  const why = reason === undefined ? '' : `: ${reason}`
  return `${outcome}${why}${count === undefined ? '' : ` (${count} times more)`}`
}

const lineOf = (entry: AuditEntry): string =>
  plain(
    [entry.time, entry.actor, entry.action, aboutOf(entry), outcomeOf(entry), entry.from]
      .filter((part) => part !== undefined && part !== '')
      .join('  '),
  )
