import { formatFingerprint, type OwnIdentity } from '@porpulsion/contract'
import { age } from '../../output/age.ts'
import { facts, table, type Column } from '../../output/table.ts'

type PeerRow = OwnIdentity['peers'][number]

export function describeIdentity(identity: OwnIdentity, nowMs: number): string[] {
  const { name, fingerprint, endsAt, renewedAt, since, next, former, peers } = identity
  const lines = facts([
    ['Agent', name],
    ['Fingerprint', formatFingerprint(fingerprint)],
    ['Ends', endsAt],
    ['Renewed', renewedAt],
    ['Renewal', stageLine(identity)],
    ['Since', since && `${since} (${age(since, nowMs)})`],
    ['New', next && formatFingerprint(next)],
    ['Former', former && formatFingerprint(former)],
  ])
  return peers.length === 0 ? lines : [...lines, '', ...table(columns, peers, { isWide: false })]
}

/** Without the time: a line of progress is written anew when it changes. */
export function stageLine({ stage, peers }: OwnIdentity): string {
  const knowing = peers.filter(({ state }) => state === 'Knows').length
  const told = `${knowing} of ${peers.length} peers know the new CA`
  switch (stage) {
    case 'Settled':
      return 'none under way'
    case 'Announced':
      return `announced: ${told}; nothing uses it yet`
    case 'Switched':
      return `switched: ${told}; the former key is kept for the others`
    default:
      return stage satisfies never
  }
}

const columns: readonly Column<PeerRow>[] = [
  { title: 'PEER', value: ({ name }) => name },
  { title: 'STATE', value: ({ state }) => state },
  { title: 'MESSAGE', value: ({ message = '' }) => message },
]
