/** An app as the manifest somebody would write for it. */
import { GROUP_VERSION, type RemoteApp, type RemoteAppSpec } from '@porpulsion/contract'
import { toYaml } from '../../api/manifest-yaml.ts'
import { MASK, textWithout } from '../deploy/secret-values.ts'

/** Values of secrets are masked: a page is looked at over shoulders and in screen shares. */
export const maskedManifest = (app: RemoteApp, spec: RemoteAppSpec = app.spec): string =>
  textWithout(manifestOf(app, spec), MASK)

function manifestOf({ metadata }: RemoteApp, spec: RemoteAppSpec): string {
  const { name, namespace } = metadata
  return toYaml({
    apiVersion: GROUP_VERSION,
    kind: 'RemoteApp',
    metadata: { name, ...(namespace !== undefined && { namespace }) },
    spec: ordered(spec),
  })
}

/** As people write them; what is not among these comes last, in its own order. */
const order: readonly string[] = [
  'targetPeer',
  'image',
  'imagePullPolicy',
  'imagePullSecrets',
  'replicas',
  'command',
  'args',
  'ports',
  'env',
  'resources',
  'startupProbe',
  'readinessProbe',
  'livenessProbe',
]

/** The cluster gives fields in an order of its own, which may change with every write. */
function ordered(spec: RemoteAppSpec): Record<string, unknown> {
  const place = (name: string): number => {
    const found = order.indexOf(name)
    return found === -1 ? order.length : found
  }
  return Object.fromEntries(
    Object.entries(spec).sort(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1)),
  )
}
