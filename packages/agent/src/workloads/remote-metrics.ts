import { isPorpulsionError, PorpulsionError, type AppMetrics } from '@porpulsion/contract'
import type { PeerLinks } from './neighbours.ts'

export interface RemoteMetricsSource {
  readonly peerFingerprint: string
  /** Under which the host knows it. */
  readonly uid: string
}

const CALL_TIMEOUT_MS = 15_000

/** What an app uses, as its host says; in our words where the host has none for it. */
export async function readRemoteMetrics(
  links: Pick<PeerLinks, 'call'>,
  { peerFingerprint, uid }: RemoteMetricsSource,
  signal: AbortSignal,
): Promise<AppMetrics> {
  try {
    return await links.call(peerFingerprint, 'getAppMetrics', {
      params: { uid },
      signal,
      timeoutMs: CALL_TIMEOUT_MS,
    })
  } catch (error) {
    throw isPorpulsionError(error) ? (inOurWords(error) ?? error) : error
  }
}

function inOurWords(error: PorpulsionError): PorpulsionError | undefined {
  const cause = { cause: error }
  if (error.code === 'RouteNotFound')
    return new PorpulsionError(
      'FailedPrecondition',
      'MetricsUnavailable',
      `The agent of the peer is too old to say what apps use; its owner can upgrade it. ${error.message}`,
      cause,
    )
  if (error.code === 'AppNotFound')
    return new PorpulsionError(
      'FailedPrecondition',
      'AppNotDeployed',
      `The app does not run at its peer. ${error.message}`,
      cause,
    )
  return undefined
}
