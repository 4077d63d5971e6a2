import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { linkFiguresQuery } from '../../api/peer-queries.ts'
import { executingAppsQuery, peersQuery, remoteAppsQuery } from '../../api/queries.ts'
import { peerRows, type PeerRow } from './peer-rows.ts'

const nothing: readonly never[] = []

/** Every peer with its figures and apps, kept by the event stream. Empty until the peers are known. */
export function usePeerRows(): readonly PeerRow[] {
  const peers = useQuery(peersQuery).data?.items ?? nothing
  const remoteApps = useQuery(remoteAppsQuery).data?.items ?? nothing
  const executingApps = useQuery(executingAppsQuery).data?.items ?? nothing
  const figures = useQuery(linkFiguresQuery).data ?? nothing
  return useMemo(
    () => peerRows({ peers, remoteApps, executingApps, figures }),
    [peers, remoteApps, executingApps, figures],
  )
}
