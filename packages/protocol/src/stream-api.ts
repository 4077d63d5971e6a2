import type { StreamCode } from './channel-code.ts'

/**
 * One flow of bytes each way. Both directions end on their own (`close`), or together and early
 * (`reset`). Nothing here is asynchronous: the handler is told when there is something to do.
 */
export interface ChannelStream {
  /** Odd: opened by the dialler. Even: opened by the acceptor. */
  readonly id: number
  readonly openedBy: 'local' | 'peer'
  /** What the Open carried; from the peer it is as untrusted as anything it sends. */
  readonly header: Uint8Array
  /** Bytes that `read` would give now. */
  readonly unreadBytes: number
  /** The peer closed its direction and everything it sent was read. */
  readonly readEnded: boolean
  /** Set once, when the stream is over. */
  readonly outcome: StreamOutcome | undefined
  /** Sets who is told. Bytes that came before wait; if there are any, `onReadable` follows at once. */
  handle(handler: StreamHandler): void
  /** The next bytes, or undefined if there are none now. Taking them grants the peer credit for more. */
  read(): Uint8Array | undefined
  /**
   * Sends bytes, which then belong to the stream: do not write into them again. False: enough is
   * waiting, go on after `onWritable`. After a reset it does nothing, and answers false: `onClosed`
   * has told why.
   */
  write(bytes: Uint8Array): boolean
  /** Ends our direction after what was written; the peer's goes on. */
  close(): void
  /** Ends both directions now; what was not yet sent or read is dropped. */
  reset(code: StreamCode | (string & {}), message?: string): void
}

export interface StreamHandler {
  /** There are bytes to read, or `readEnded` became true. Told once per batch, not per frame. */
  onReadable(): void
  /** After `write` answered false: there is room again. */
  onWritable(): void
  /** Exactly once, last: both directions are done and read, or the stream was reset. */
  onClosed(outcome: StreamOutcome): void
}

export type StreamOutcome =
  | { readonly kind: 'closed' }
  | {
      readonly kind: 'reset'
      /** `session`: the whole session ended under the stream. */
      readonly by: 'local' | 'peer' | 'session'
      readonly code: string
      /** From the peer: their words, to be quoted as such. */
      readonly message: string
    }
