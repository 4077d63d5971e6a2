import type { LinkStateName, PeerList } from '@porpulsion/contract'
import { useQuery } from '@tanstack/react-query'
import { peersQuery } from '../../api/queries.ts'
import type { Tone } from '../../ui/tone.ts'

export type LinkOfPeer = LinkStateName | 'gone' | undefined

/** How the link to a peer is: `gone` when there is no such peer, nothing while peers are not known yet. */
export function useLink(peer: string): LinkOfPeer {
  const links = useQuery({ ...peersQuery, select: linksByPeer }).data
  return links && (links[peer] ?? 'gone')
}

const linksByPeer = ({ items }: PeerList): Readonly<Record<string, LinkStateName>> =>
  Object.fromEntries(
    items.map(({ metadata, status }) => [metadata.name, status?.link ?? 'Connecting']),
  )

export const linkTones: Readonly<Record<NonNullable<LinkOfPeer>, Tone>> = {
  Connected: 'good',
  Suspect: 'warn',
  Connecting: 'busy',
  Disconnected: 'bad',
  gone: 'bad',
}

export const linkWords: Readonly<Record<NonNullable<LinkOfPeer>, string>> = {
  Connected: 'Connected',
  Suspect: 'Connected, but slow to answer',
  Connecting: 'Connecting',
  Disconnected: 'Disconnected',
  gone: 'No longer a peer',
}
