import { isPorpulsionError } from '@porpulsion/contract'
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { keys } from './queries.ts'

const MAX_RETRY_DELAY_MS = 5_000

/** The cache behind every page. The event stream keeps it true, so nothing is read again for its age. */
export function createQueryClient(): QueryClient {
  // Whatever is refused for want of a session ends on the sign-in page, by way of the one query that decides it.
  const onError = (error: Error): void => {
    if (isPorpulsionError(error) && error.kind === 'Unauthenticated' && hasSession(client))
      void client.invalidateQueries({ queryKey: keys.session })
  }
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        retry: (_failures, error) => isPorpulsionError(error) && error.kind === 'Unavailable',
        retryDelay: (failures) => Math.min(500 * 2 ** failures, MAX_RETRY_DELAY_MS),
        staleTime: Infinity,
        refetchOnWindowFocus: false,
        // The agent may be on this machine: whether the browser thinks it is online says nothing about it.
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  })
  return client
}

/** Not when the session query is what failed: it would ask itself for ever. */
function hasSession(client: QueryClient): boolean {
  return client.getQueryState(keys.session)?.status === 'success'
}
