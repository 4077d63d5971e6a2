import type { RemoteApp } from '@porpulsion/contract'
import { useMay } from '../../api/use-may.ts'
import { AppAbout } from './app-about.tsx'
import { AppPorts } from './app-ports.tsx'
import { useFreshness } from './app-state.tsx'
import type { AppView } from './app-view.ts'
import classes from './apps.module.css'
import { ConditionTimeline } from './condition-timeline.tsx'
import { EventList } from './event-list.tsx'
import { PodList } from './pod-list.tsx'

export function AppOverview({ app, view }: { app: RemoteApp; view: AppView }) {
  const mayExec = useMay('operator')
  const isStale = useFreshness(app).kind === 'stale'
  const { conditions = [], pods = [], events = [] } = app.status ?? {}
  return (
    <div className={classes['grid']}>
      <ConditionTimeline conditions={conditions} peer={app.spec.targetPeer} isStale={isStale} />
      <div className={classes['column']}>
        <PodList
          pods={pods}
          replicas={app.status?.replicas ?? 0}
          isStale={isStale}
          onLogs={(pod) => view.show('logs', pod)}
          {...(mayExec && { onTerminal: (pod: string) => view.show('terminal', pod) })}
        />
        <AppPorts app={app} />
        <AppAbout app={app} />
        <EventList events={events} />
      </div>
    </div>
  )
}
