import { endpoints, type Usage } from '@porpulsion/contract'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useMemo } from 'react'
import { call } from './client.ts'
import { executingAppsQuery, keys } from './queries.ts'

/** Apps that come and go in a rollout change it many times a second. */
const SETTLED_MS = 1_000

/** What apps of peers take of the totals; read again when what runs here became another. */
export function useUsage(): UseQueryResult<Usage> {
  const apps = useQuery(executingAppsQuery).data?.items
  const running = useMemo(
    () =>
      (apps ?? [])
        .map(({ metadata, spec, status }) =>
          [metadata.uid, spec.specHash, spec.hold?.state, status?.replicas].join(' '),
        )
        .join(),
    [apps],
  )
  const [settled] = useDebouncedValue(running, SETTLED_MS)
  return useQuery({
    queryKey: [...keys.usage, settled],
    queryFn: ({ signal }) => call(endpoints.getUsage, { signal }),
    placeholderData: keepPreviousData,
  })
}
