import { endpoints, type RemoteAppManifest } from '@porpulsion/contract'
import { curlOf, hereDocument, quoted } from '../../api/curl.ts'
import type { Commands } from '../../ui/commands.tsx'

/** To deploy exactly this manifest by other means. */
export const deployCommands = (text: string, manifest: RemoteAppManifest): Commands => ({
  cli: hereDocument('porpulsion app deploy -f -', text),
  kubectl: hereDocument('kubectl apply -f -', text),
  curl: curlOf(endpoints.createRemoteApp, { body: manifest }),
})

/** To have an app that exists be like this. */
export function updateCommands(text: string, manifest: RemoteAppManifest): Commands {
  const { name, namespace } = manifest.metadata
  const id = namespace === undefined ? name : `${namespace},${name}`
  return {
    cli: hereDocument('porpulsion app update -f -', text),
    kubectl: hereDocument('kubectl apply -f -', text),
    curl: curlOf(endpoints.updateRemoteApp, { params: { id }, body: manifest }),
  }
}

/** To go back to an earlier spec. */
export function rollbackCommands(
  { name, namespace }: { readonly name: string; readonly namespace?: string },
  revision: number,
): Commands {
  const id = namespace === undefined ? name : `${namespace},${name}`
  const where = namespace === undefined ? '' : ` -n ${quoted(namespace)}`
  return {
    cli: `porpulsion app rollback ${quoted(name)}${where} --to ${revision}`,
    curl: curlOf(endpoints.rollbackRemoteApp, { params: { id }, body: { revision } }),
  }
}
