import type { RedeemRequest } from '@porpulsion/contract'

/** What came back from `POST /peer`, from whoever answered there. */
export interface RedeemAnswer {
  readonly status: number
  /** Parsed JSON, or undefined if it was none. Untrusted. */
  readonly body: unknown
}

/** Sends one redemption to the inviting agent. Throws `PeerUnreachable` when nobody answers. */
export interface RedeemClient {
  post(url: string, request: RedeemRequest, signal: AbortSignal): Promise<RedeemAnswer>
}

/** Of request and of answer. */
export const maxRedeemBytes = 16 * 1024
export const redeemTimeoutMs = 10_000
