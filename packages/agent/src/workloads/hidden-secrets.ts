import type { RemoteApp, RemoteAppSpec } from '@porpulsion/contract'

/** The app with the names of its secrets, and without what they hold. */
export function withoutSecretValues(app: RemoteApp): RemoteApp {
  const { annotations } = app.metadata
  if (app.spec.secrets === undefined && annotations?.[lastApplied] === undefined) return app
  const { [lastApplied]: _, ...others } = annotations ?? {}
  return {
    ...app,
    metadata: { ...app.metadata, annotations: others },
    spec: specWithoutSecretValues(app.spec),
  }
}

export function specWithoutSecretValues(spec: RemoteAppSpec): RemoteAppSpec {
  const { secrets } = spec
  if (secrets === undefined) return spec
  return {
    ...spec,
    secrets: secrets.map(({ data, binaryData, ...secret }) => ({
      ...secret,
      ...(data && { data: emptied(data) }),
      ...(binaryData && { binaryData: emptied(binaryData) }),
    })),
  }
}

/** `kubectl apply` keeps the whole manifest there, secrets and all. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

const emptied = (data: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.keys(data).map((key) => [key, '']))
