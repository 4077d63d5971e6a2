import type { LocalRegistry } from '../registry/local-registry.ts'
import type { Clock, Logger, PodAccess } from '../registry/ports.ts'
import type { Authenticator } from './authenticator.ts'
import type { Authorizer } from './authorizer.ts'
import type { Discovery } from './discovery.ts'
import type { Lister } from './listing.ts'
import type { ProtobufDecoder } from './protobuf.ts'
import type { RecentJson } from './recent-json.ts'
import type { ServiceAccountTokens } from './service-account-tokens.ts'

/** What the handlers work with. */
export interface ApiContext {
  readonly registry: LocalRegistry
  readonly lister: Lister
  readonly discovery: Discovery
  readonly authenticator: Authenticator
  readonly authorizer: Authorizer
  readonly tokens: ServiceAccountTokens
  readonly protobuf: ProtobufDecoder
  readonly json: RecentJson
  readonly pods: PodAccess
  readonly clock: Clock
  readonly logger: Logger
}
