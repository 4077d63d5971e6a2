/** An app as the manifest somebody would write for it. */
import { GROUP_VERSION, type RemoteApp, type RemoteAppSpec } from '@porpulsion/contract'
import { toYaml } from '../../api/manifest-yaml.ts'
import { placeOf } from '../deploy/field-order.ts'
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

/** The cluster gives fields in an order of its own, which may change with every write. */
function ordered(spec: RemoteAppSpec): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(spec).sort(([a], [b]) => placeOf(a) - placeOf(b) || (a < b ? -1 : 1)),
  )
}
