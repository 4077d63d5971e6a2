import { readFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import { systemClock, type Clock } from './clock.ts'
import type { ClusterConnection } from './cluster-connection.ts'
import { tokenFile } from './file-credentials.ts'

export interface InClusterOptions {
  /** Value of KUBERNETES_SERVICE_HOST. */
  readonly host: string
  /** Value of KUBERNETES_SERVICE_PORT. */
  readonly port: string
  /** Where the service account is mounted. */
  readonly directory?: string
  readonly clock?: Clock
}

const serviceAccountDirectory = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The cluster we run in, as our pod's service account. The token is read anew as the kubelet rotates it. */
export async function inClusterConnection({
  host,
  port,
  directory = serviceAccountDirectory,
  clock = systemClock,
}: InClusterOptions): Promise<ClusterConnection> {
  const [certificateAuthority, namespace] = await Promise.all([
    readFile(join(directory, 'ca.crt'), 'utf8'),
    readFile(join(directory, 'namespace'), 'utf8'),
  ])
  return {
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    certificateAuthority,
    namespace: namespace.trim(),
    credentials: tokenFile(join(directory, 'token'), clock),
  }
}
