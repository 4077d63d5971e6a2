import type { RemoteAppSpec } from '@porpulsion/contract'

/** The spec with the values of its secrets masked: a page is looked at over shoulders and in screen shares. */
export function withoutSecrets(spec: RemoteAppSpec): RemoteAppSpec {
  if (spec.secrets === undefined) return spec
  const secrets = spec.secrets.map((secret) => ({
    ...secret,
    ...(secret.data !== undefined && { data: masked(secret.data) }),
    ...(secret.binaryData !== undefined && { binaryData: masked(secret.binaryData) }),
  }))
  return { ...spec, secrets }
}

/** Of one length, whatever the values are. */
const masked = (values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.keys(values).map((key) => [key, '••••••']))
