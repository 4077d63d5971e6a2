/** A document as stored. `version` is opaque: it only says whether this is still what is stored. */
export interface StoredText {
  readonly text: string
  readonly version: string
}

/** One small text under one name. Failures of the cluster are thrown as `ClusterUnavailable`. */
export interface DocumentStore {
  /** Where it is, for messages: `ConfigMap porpulsion/porpulsion-settings`. */
  readonly description: string
  /** `undefined`: there is none. */
  read(signal?: AbortSignal): Promise<StoredText | undefined>
  /**
   * Replaces what had this version; `undefined` creates, and only creates. Answers `undefined` when somebody else was
   * faster: read again.
   */
  write(
    text: string,
    version: string | undefined,
    signal?: AbortSignal,
  ): Promise<StoredText | undefined>
  /** Idempotent. */
  remove(signal?: AbortSignal): Promise<void>
  /**
   * Tells every change until `signal` fires. Resolves once the state of now has been told, however long the cluster
   * takes.
   */
  follow(listener: (document: StoredText | undefined) => void, signal: AbortSignal): Promise<void>
}
