/**
 * The channel to every peer: one WebSocket each with mutual TLS inside, kept up, replaced before it breaks, carrying
 * requests, logs and tunnels as streams.
 *
 * Must not know: what peers may do (policy), what a request means (the features that answer it), how peers come to
 * be (peers gives the directory).
 */
export { createLinks, type LinksDeps, type LinksOptions } from './links.ts'
export { tellLinkFigures } from './link-figures.ts'
export { linkHandlers } from './link-routes.ts'
export { recordLinkHistory } from './record-link-history.ts'
export { retireEvent } from './retire-event.ts'
export { inPeersWords } from './peer-words.ts'
export { watchLinks, type LinkWatcher, type LinkWatcherDeps } from './watch-links.ts'
export type {
  CallInput,
  ExecTarget,
  LinkServices,
  Links,
  RpcRequest,
  RpcResponse,
  TcpTarget,
} from './links-api.ts'
