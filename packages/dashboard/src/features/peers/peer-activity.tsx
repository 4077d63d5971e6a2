import { Anchor, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { peerAuditQuery } from '../../api/peer-queries.ts'
import { notificationsQuery } from '../../api/queries.ts'
import { useMay } from '../../api/use-may.ts'
import { Card } from '../../ui/card.tsx'
import { activityOf } from '../activity/activity.ts'
import { ActivityList } from '../activity/activity-list.tsx'
import type { PeerRow } from './peer-rows.ts'

const SHOWN = 12

/** What was told about it and, for admins, what it did and what was done to it. */
export function PeerActivity({ row: { name } }: { row: PeerRow }) {
  const maySee = useMay('admin')
  const audit = useQuery({ ...peerAuditQuery(name), enabled: maySee }).data?.items ?? []
  const notifications = (useQuery(notificationsQuery).data?.items ?? []).filter(
    ({ about }) => about?.kind === 'Peer' && about.name === name,
  )
  const activity = activityOf({ audit, notifications, limit: SHOWN })
  return (
    <Card
      title="Activity"
      actions={
        maySee && (
          <Anchor
            size="sm"
            renderRoot={(props) => <Link to="/audit" search={{ peer: name }} {...props} />}
          >
            Audit
          </Anchor>
        )
      }
    >
      {activity.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing happened yet.
        </Text>
      ) : (
        <ActivityList activity={activity} />
      )}
    </Card>
  )
}
