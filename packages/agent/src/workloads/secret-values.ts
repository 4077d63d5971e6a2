/**
 * The values of an app's secrets, apart from its record: an ExecutingApp is read by whoever may read custom resources,
 * so it holds names only.
 */
import { Type, type Static } from 'typebox'
import { parseAs, type AppSpec } from '@porpulsion/contract'

const Values = Type.Record(Type.String(), Type.String())

/** Contents by the name of the app's secret. */
const SecretValues = Type.Record(
  Type.String(),
  Type.Object({ data: Type.Optional(Values), binaryData: Type.Optional(Values) }),
)
type SecretValues = Static<typeof SecretValues>

/** `values` is undefined when the app has no secrets. */
export function splitSecretValues(spec: AppSpec): {
  readonly app: AppSpec
  readonly values: string | undefined
} {
  if (spec.secrets === undefined) return { app: spec, values: undefined }
  const values: SecretValues = {}
  for (const { name, data, binaryData } of spec.secrets)
    values[name] = { ...(data && { data }), ...(binaryData && { binaryData }) }
  const secrets = spec.secrets.map(({ name, mountPath }) => ({ name, mountPath }))
  return { app: { ...spec, secrets }, values: JSON.stringify(values) }
}

/** The inverse of `splitSecretValues`. Throws when `values` is not what was written. */
export function joinSecretValues(app: AppSpec, values: string | undefined): AppSpec {
  if (app.secrets === undefined) return app
  const known = values === undefined ? {} : parseAs(SecretValues, JSON.parse(values))
  return { ...app, secrets: app.secrets.map((secret) => ({ ...secret, ...known[secret.name] })) }
}
