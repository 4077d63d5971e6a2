import type { RemoteApp } from '@porpulsion/contract'
import { appId } from '../../api/app-id.ts'
import { UsageCharts } from './usage-charts.tsx'

export function AppMetricsTab({ app }: { app: RemoteApp }) {
  return <UsageCharts source={{ kind: 'RemoteApp', id: appId(app) }} peer={app.spec.targetPeer} />
}
