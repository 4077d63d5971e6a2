import { PorpulsionError } from '@porpulsion/contract'
import { isInvalid, isConflict, KubeError } from '@porpulsion/kube'

/** What the local API server said, in our vocabulary. Errors of other origin stay as they are. */
export function clusterError(error: unknown, what: string): unknown {
  if (!(error instanceof KubeError)) return error
  const cause = { cause: error }
  if (isConflict(error))
    return new PorpulsionError(
      'Conflict',
      'AppChanged',
      `${what} changed meanwhile; read it again`,
      cause,
    )
  if (isInvalid(error))
    return new PorpulsionError('Invalid', 'InvalidRequest', `${what}: ${error.message}`, {
      ...cause,
      fields: (error.details?.causes ?? []).map(({ field = '', message = '' }) => ({
        path: field,
        message,
      })),
    })
  // What it is made in went away meanwhile, or is still going: a matter of time.
  const isPassing = error.status === 404 || error.status === 429
  if (error.status >= 400 && error.status < 500 && !isPassing)
    return new PorpulsionError(
      'FailedPrecondition',
      'ClusterRefused',
      `Kubernetes refused ${what}: ${error.message}`,
      cause,
    )
  return new PorpulsionError(
    'Unavailable',
    'ClusterUnavailable',
    `The local cluster could not be asked about ${what}: ${error.message}`,
    cause,
  )
}

/** Runs something against the API server; its failures come out in our vocabulary. */
export async function inCluster<R>(what: string, work: () => Promise<R>): Promise<R> {
  try {
    return await work()
  } catch (error) {
    throw clusterError(error, what)
  }
}
