import { Alert } from '@mantine/core'
import type { Peer } from '@porpulsion/contract'
import { useQuery } from '@tanstack/react-query'
import { notificationsQuery } from '../../api/queries.ts'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { trustOf } from './link-words.ts'
import { troublesOf } from './peer-troubles.ts'

/** What is wrong with the link now, and what to do about each. */
export function TroubleAlerts({ peer }: { peer: Peer }) {
  const notifications = useQuery(notificationsQuery).data?.items ?? []
  return (
    <>
      <TrustAlert peer={peer} />
      {troublesOf(peer, notifications).map(({ id, title, text, todo, since }) => (
        <Alert key={id} color="orange" title={title} className="foreign">
          {text}
          {todo !== undefined && (
            <div>
              <strong>What to do:</strong> {todo}
            </div>
          )}
          {since !== undefined && (
            <div>
              Since: <RelativeTime time={since} />
            </div>
          )}
        </Alert>
      ))}
    </>
  )
}

function TrustAlert({ peer }: { peer: Peer }) {
  const { name } = peer.metadata
  switch (trustOf(peer)) {
    case 'awaits-us':
      return (
        <Alert color="grape" title="Not trusted yet">
          Compare the six words with the operator of {name}, and confirm. Until both of you have,
          nothing goes over the link.
        </Alert>
      )
    case 'awaits-them':
      return (
        <Alert color="grape" title="They have not confirmed">
          You trust {name}; its operator has not confirmed the six words yet. On their page it
          stands under Peers.
        </Alert>
      )
    case 'both':
      return null
  }
}
