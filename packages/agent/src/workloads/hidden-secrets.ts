import type { RemoteApp } from '@porpulsion/contract'

/** The app with the names of its secrets, and without what they hold. */
export function withoutSecretValues(app: RemoteApp): RemoteApp {
  const { secrets } = app.spec
  const { annotations } = app.metadata
  if (secrets === undefined && annotations?.[lastApplied] === undefined) return app
  const { [lastApplied]: _, ...others } = annotations ?? {}
  return {
    ...app,
    metadata: { ...app.metadata, annotations: others },
    spec: {
      ...app.spec,
      ...(secrets && {
        secrets: secrets.map(({ data, binaryData, ...secret }) => ({
          ...secret,
          ...(data && { data: emptied(data) }),
          ...(binaryData && { binaryData: emptied(binaryData) }),
        })),
      }),
    },
  }
}

/** `kubectl apply` keeps the whole manifest there, secrets and all. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

const emptied = (data: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.keys(data).map((key) => [key, '']))
