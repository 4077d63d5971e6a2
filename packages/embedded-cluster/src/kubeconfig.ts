import { stringify } from 'yaml'

export interface KubeconfigFacts {
  readonly name: string
  readonly url: string
  readonly token: string
  /** PEM; left out for plain HTTP. */
  readonly caCert?: string
}

/** One cluster, one user, one context, all under the cluster's name. */
export function renderKubeconfig({ name, url, token, caCert }: KubeconfigFacts): string {
  const authority =
    caCert === undefined
      ? {}
      : { 'certificate-authority-data': Buffer.from(caCert).toString('base64') }
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name, cluster: { server: url, ...authority } }],
      users: [{ name, user: { token } }],
      contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
      'current-context': name,
    },
    { lineWidth: 0 },
  )
}
