/** What the HTTP upgrade to the channel looks like; docs/protocol.md, "The upgrade". */
export const channelSubprotocol = 'porpulsion.v1'
/** The dialler's CA certificate, base64 of its DER. Says who claims to call; the inner TLS proves it. */
export const caHeader = 'x-agent-ca'

/** Codes with which the acceptor closes a WebSocket whose inner TLS it refused. 4000 to 4999 are ours to use. */
export const RefusalCode = {
  /** The inner TLS did not prove the identity that the header claimed. */
  Unproven: 4001,
  /** The dialler's certificate is not valid at this time. */
  Certificate: 4002,
  /** The inner TLS or the Hello did not come in time. */
  Late: 4003,
} as const
