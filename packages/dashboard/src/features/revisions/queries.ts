import {
  endpoints,
  type AppRevision,
  type AppRevisionList,
  type RemoteApp,
} from '@porpulsion/contract'
import type { UseQueryOptions } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { keys } from '../../api/queries.ts'

/** Read again when the spec changed: the generation counts that. */
export function revisionsQuery({ metadata }: RemoteApp): UseQueryOptions<AppRevisionList> {
  const id = metadata.uid ?? `${metadata.namespace ?? ''},${metadata.name}`
  return {
    queryKey: [...keys.app, id, 'revisions', metadata.generation ?? 0],
    queryFn: ({ signal }) => call(endpoints.listRevisions, { params: { id }, signal }),
    // While the next list comes, the last one stays.
    placeholderData: (before) => before,
  }
}

export const currentOf = (revisions: readonly AppRevision[] | undefined): AppRevision | undefined =>
  revisions?.find(({ isCurrent }) => isCurrent)
