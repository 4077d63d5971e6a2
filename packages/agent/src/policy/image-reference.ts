import { parseFamiliarName } from '@swimlane/docker-reference'

/** An image as a registry knows it: `nginx` is `docker.io/library/nginx` with the tag `latest`. */
export interface ImageReference {
  /** Registry and repository: `docker.io/library/nginx`. */
  readonly name: string
  /** What a runtime pulls by when there is no digest. Beside a digest it is decoration. */
  readonly tag: string | undefined
  readonly digest: string | undefined
}

/** Undefined when the text is no image reference. */
export function parseImage(image: string): ImageReference | undefined {
  let parsed
  try {
    parsed = parseFamiliarName(image)
  } catch {
    return undefined // the parser's message is no better than ours
  }
  const { domain = '', repository = '', tag, digest } = parsed
  return {
    name: `${normaliseRegistry(domain)}/${repository}`,
    tag: tag ?? (digest === undefined ? 'latest' : undefined),
    digest,
  }
}

/** `docker.io/library/nginx:latest`; undefined when the text is no image reference. */
export function normaliseImage(image: string): string | undefined {
  const reference = parseImage(image)
  return reference && formatImage(reference)
}

export function formatImage({ name, tag, digest }: ImageReference): string {
  return `${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}

/** All of these are one registry; a list that names one of them means it. */
const dockerHubAliases = new Set([
  'docker.io',
  'index.docker.io',
  'registry-1.docker.io',
  'registry.hub.docker.com',
])

/** Host names ignore case, and 443 is where a registry listens anyway: neither is a way around a list. */
export function normaliseRegistry(registry: string): string {
  const host = registry.toLowerCase().replace(/:0*443$/, '')
  return dockerHubAliases.has(host) ? 'docker.io' : host
}
