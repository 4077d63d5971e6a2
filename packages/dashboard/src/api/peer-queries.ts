/** What is read of peers beside their list. */
import {
  endpoints,
  type LinkFigures,
  type PeerHistory,
  type PeerLink,
  type PeerRules,
  type ResponseOf,
} from '@porpulsion/contract'
import {
  keepPreviousData,
  queryOptions,
  skipToken,
  type UseQueryOptions,
} from '@tanstack/react-query'
import { call } from './client.ts'
import type { LinkTrails } from './link-trail.ts'
import { keys } from './queries.ts'

type AuditEntries = ResponseOf<typeof endpoints.listAudit>

/** How long a sample of a link's history is: more often there is nothing new to read. */
const SAMPLE_MS = 60_000

/** What the links carry now: told by the event stream, never asked for. */
export const linkFiguresQuery = queryOptions<readonly LinkFigures[]>({
  queryKey: keys.links,
  queryFn: skipToken,
  // What does not change is not told again.
  gcTime: Infinity,
})

/** What they carried in the last minute. */
export const linkTrailsQuery = queryOptions<LinkTrails>({
  queryKey: keys.linkTrails,
  queryFn: skipToken,
  gcTime: Infinity,
})

/** Read again when the peer's list entry says that the link changed: `seen` is whatever stands for that. */
export const peerLinkQuery = (name: string, seen: string): UseQueryOptions<PeerLink> => ({
  queryKey: [...keys.peer, name, 'link', seen],
  queryFn: ({ signal }) => call(endpoints.getPeerLink, { params: { name }, signal }),
  placeholderData: keepPreviousData,
  refetchInterval: SAMPLE_MS,
})

export const peerHistoryQuery = (name: string, seen: string): UseQueryOptions<PeerHistory> => ({
  queryKey: [...keys.peer, name, 'history', seen],
  queryFn: ({ signal }) => call(endpoints.getPeerHistory, { params: { name }, signal }),
  placeholderData: keepPreviousData,
  refetchInterval: SAMPLE_MS,
})

export const peerRulesQuery = (name: string): UseQueryOptions<PeerRules> => ({
  queryKey: [...keys.peer, name, 'rules'],
  queryFn: ({ signal }) => call(endpoints.getPeerRules, { params: { name }, signal }),
})

/** What a peer did, and what was done about it: for admins. */
export const peerAuditQuery = (name: string): UseQueryOptions<AuditEntries> => ({
  queryKey: [...keys.audit, 'peer', name],
  queryFn: ({ signal }) => call(endpoints.listAudit, { query: { peer: name, limit: 20 }, signal }),
})

/** The newest entries of the trail: for admins. */
export const recentAuditQuery = queryOptions({
  queryKey: [...keys.audit, 'recent'],
  queryFn: ({ signal }) => call(endpoints.listAudit, { query: { limit: 20 }, signal }),
})
