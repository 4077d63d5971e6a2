import type { HandshakeError } from './inner-tls.ts'

/** Sent with the upgrade and its answer, so that a validity error can say whose clock is wrong by how much. Unproven. */
export const timeHeader = 'x-agent-time'

export interface HandshakeTimes {
  readonly oursMs: number
  readonly theirs: string | undefined
  /** Without the two times: a Close frame holds no more than a sentence. */
  readonly isBrief?: boolean
}

/** What a failed inner handshake means to an operator. `whose`: the name of the side whose certificate it was. */
export function explainHandshake(
  error: HandshakeError,
  whose: string,
  times: HandshakeTimes,
): string {
  switch (error.failure) {
    case 'CertificateExpired':
    case 'CertificateNotYetValid':
      return `The certificate of ${whose} ${error.failure === 'CertificateExpired' ? 'has expired' : 'is not valid yet'}${clockDifference(times)}`
    case 'NotThePeer':
      return `Whoever answered is not the peer that was added: ${error.message}`
    case 'Broken':
      return error.message
    default:
      return error.failure satisfies never
  }
}

/** Empty if the clocks agree, or the other side did not say. */
function clockDifference({ oursMs, theirs, isBrief }: HandshakeTimes): string {
  const theirsMs = Date.parse(theirs ?? '')
  const differenceMs = theirsMs - oursMs
  if (Number.isNaN(theirsMs) || Math.abs(differenceMs) < 60_000) return ''
  const direction = differenceMs > 0 ? 'ahead of' : 'behind'
  const words = `: the peer's clock is ${roughly(Math.abs(differenceMs))} ${direction} ours`
  if (isBrief === true) return words
  return `${words} (ours ${new Date(oursMs).toISOString()}, theirs ${new Date(theirsMs).toISOString()}); set the clocks`
}

function roughly(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 120) return `${minutes} minutes`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`
}
