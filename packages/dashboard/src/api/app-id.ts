import type { RemoteApp } from '@porpulsion/contract'

/** What the API takes as `:id`; the uid, because a re-created namesake is another app. */
export const appId = ({ metadata }: RemoteApp): string =>
  metadata.uid ?? `${metadata.namespace ?? ''},${metadata.name}`
