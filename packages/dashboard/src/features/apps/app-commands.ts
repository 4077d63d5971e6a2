/** What this page does with an app, as commands for a terminal. */
import { endpoints, type RemoteApp } from '@porpulsion/contract'
import { appId } from '../../api/app-id.ts'
import { curlOf, quoted } from '../../api/curl.ts'
import type { Commands } from '../../ui/commands.tsx'

const cliName = ({ metadata }: RemoteApp): string =>
  `${quoted(metadata.name)} -n ${quoted(metadata.namespace ?? 'default')}`

/** Whoever wants one of them takes its line. */
export function appCommands(app: RemoteApp, origin?: string): Commands {
  const name = cliName(app)
  const replicas = app.spec.replicas ?? 1
  const params = { id: appId(app) }
  return {
    cli: [
      `porpulsion app get ${name}`,
      `porpulsion app logs ${name} --follow`,
      `porpulsion app scale ${name} --replicas ${replicas}`,
      `porpulsion app restart ${name} --wait`,
      `porpulsion app delete ${name}`,
    ].join('\n'),
    kubectl: [
      `kubectl get remoteapp ${name} -o yaml`,
      `kubectl scale remoteapp ${name} --replicas ${replicas}`,
      `kubectl edit remoteapp ${name}`,
      `kubectl delete remoteapp ${name}`,
    ].join('\n'),
    curl: [
      curlOf(endpoints.getRemoteApp, { params }, origin),
      curlOf(endpoints.scaleRemoteApp, { params, body: { replicas } }, origin),
      curlOf(endpoints.restartRemoteApp, { params }, origin),
      curlOf(endpoints.deleteRemoteApp, { params }, origin),
    ].join('\n\n'),
  }
}

/** A request to a port of the app. */
export function portCommands(app: RemoteApp, port: number, origin?: string): Commands {
  return {
    cli: [
      `porpulsion app url ${cliName(app)} --port ${port}`,
      `curl "$(porpulsion app url ${cliName(app)} --port ${port})"`,
      `porpulsion app port-forward ${cliName(app)} ${port}`,
    ].join('\n'),
    curl: curlOf(endpoints.createAppUrl, { params: { id: appId(app) }, body: { port } }, origin),
  }
}
