/**
 * The values of an app's secrets, apart from its record: an ExecutingApp is read by whoever may read custom resources,
 * so it holds names only.
 */
import { Type, type Static } from 'typebox'
import { parseAs, type AppSpec } from '@porpulsion/contract'

const Values = Type.Record(Type.String(), Type.String())

const SecretValues = Type.Object({
  /** Contents by the name of the app's secret. */
  secrets: Type.Optional(
    Type.Record(
      Type.String(),
      Type.Object({ data: Type.Optional(Values), binaryData: Type.Optional(Values) }),
    ),
  ),
  /** `.dockerconfigjson`, base64, by name. */
  imagePullSecrets: Type.Optional(Values),
})
type SecretValues = Static<typeof SecretValues>

/** Whether the app has anything that is kept apart. */
export const hasSecretValues = ({ secrets, imagePullSecrets }: AppSpec): boolean =>
  secrets !== undefined || imagePullSecrets !== undefined

/** `values` is undefined when the app has no secrets. */
export function splitSecretValues(spec: AppSpec): {
  readonly app: AppSpec
  readonly values: string | undefined
} {
  if (!hasSecretValues(spec)) return { app: spec, values: undefined }
  const { secrets, imagePullSecrets, ...rest } = spec
  const values: SecretValues = {
    ...(secrets && {
      secrets: Object.fromEntries(
        secrets.map(({ name, data, binaryData }) => [
          name,
          { ...(data && { data }), ...(binaryData && { binaryData }) },
        ]),
      ),
    }),
    ...(imagePullSecrets && {
      imagePullSecrets: Object.fromEntries(
        imagePullSecrets.map(({ name, dockerConfigJson }) => [name, dockerConfigJson ?? '']),
      ),
    }),
  }
  const app = {
    ...rest,
    ...(secrets && { secrets: secrets.map(({ name, mountPath }) => ({ name, mountPath })) }),
    ...(imagePullSecrets && { imagePullSecrets: imagePullSecrets.map(({ name }) => ({ name })) }),
  }
  return { app, values: JSON.stringify(values) }
}

/** The inverse of `splitSecretValues`. Throws when `values` is not what was written. */
export function joinSecretValues(app: AppSpec, values: string | undefined): AppSpec {
  if (!hasSecretValues(app)) return app
  const known = values === undefined ? {} : parseAs(SecretValues, JSON.parse(values))
  const { secrets, imagePullSecrets } = app
  return {
    ...app,
    ...(secrets && {
      secrets: secrets.map((secret) => ({ ...secret, ...known.secrets?.[secret.name] })),
    }),
    ...(imagePullSecrets && {
      imagePullSecrets: imagePullSecrets.map(({ name }) => {
        const dockerConfigJson = known.imagePullSecrets?.[name]
        return { name, ...(dockerConfigJson && { dockerConfigJson }) }
      }),
    }),
  }
}
