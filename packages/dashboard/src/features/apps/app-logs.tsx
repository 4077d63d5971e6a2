import type { RemoteApp } from '@porpulsion/contract'
import { appId } from '../../api/app-id.ts'
import { LogViewer } from '../logs/log-viewer.tsx'

export function AppLogs({ app, pod }: { app: RemoteApp; pod?: string | undefined }) {
  return (
    <LogViewer
      source={{ kind: 'RemoteApp', id: appId(app) }}
      name={app.metadata.name}
      pods={(app.status?.pods ?? []).map(({ name }) => name)}
      pod={pod}
    />
  )
}
