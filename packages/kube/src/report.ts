/**
 * What the kit has to say about itself. It emits; whoever composes the program turns these into logs and metrics.
 * Nothing here needs an answer: the kit has already decided what to do next.
 */
export type KubeReport =
  /** A cache is complete, for the first time or again. */
  | { readonly kind: 'listed'; readonly resource: string; readonly objects: number }
  /** Listing or watching failed; tried again after the delay. Repeats as long as the trouble lasts. */
  | {
      readonly kind: 'watch-failed'
      readonly resource: string
      readonly error: unknown
      readonly attempt: number
      readonly delayMs: number
    }
  /** The server no longer knows our resourceVersion: everything is listed anew. */
  | { readonly kind: 'relisting'; readonly resource: string; readonly error: unknown }
  /** A bug in an event listener; the cache and its other listeners go on. */
  | { readonly kind: 'listener-failed'; readonly resource: string; readonly error: unknown }
  /** A reconcile threw; tried again after the delay. */
  | {
      readonly kind: 'reconcile-failed'
      readonly queue: string
      readonly key: string
      readonly error: unknown
      readonly attempt: number
      readonly delayMs: number
    }
  /** A reconcile did not end in spite of its signal, and the queue stopped without it. */
  | {
      readonly kind: 'reconcile-abandoned'
      readonly queue: string
      readonly keys: readonly string[]
    }
  /** Events are told to people, and never hold up the work they tell of: these were lost. */
  | { readonly kind: 'event-dropped'; readonly reason: string; readonly error: unknown }

export type ReportSink = (report: KubeReport) => void
