/**
 * Lines of the image lists. A plain line is a prefix that ends at a path or tag boundary, so `ghcr.io/my` is not
 * `ghcr.io/myorg`; a line with `*` is a glob in which `*` stays within a path segment and `**` does not.
 */
import picomatch from 'picomatch'
import { normaliseRegistry, type ImageReference } from './image-reference.ts'

/** True when an allow list with this line admits the image. In doubt it does not. */
export function isAllowedBy(line: string, image: ImageReference): boolean {
  // Beside a digest a tag is decoration: `nginx:1.29@sha256:…` may be anything, so a line with a tag says nothing of it.
  const spellings =
    image.digest === undefined
      ? [image.name, `${image.name}:${image.tag ?? 'latest'}`]
      : [image.name, `${image.name}@${image.digest}`]
  return matches(familiarReading(withoutTagBeforeDigest(line)), spellings)
}

/** True when a block list with this line refuses the image. In doubt it does. */
export function isBlockedBy(line: string, image: ImageReference): boolean {
  const spellings = [image.name]
  if (image.tag !== undefined) spellings.push(`${image.name}:${image.tag}`)
  if (image.digest !== undefined) spellings.push(`${image.name}@${image.digest}`)
  return allReadings(withoutTagBeforeDigest(line)).some((pattern) => matches(pattern, spellings))
}

/** A line read as `docker run` reads an image: without a registry it is on Docker Hub. */
function familiarReading(line: string): string {
  const { registry, path } = split(line)
  if (registry !== undefined)
    return path === '' ? registry : `${registry}/${official(registry, path)}`
  return line.startsWith('**') ? line : `docker.io/${official('docker.io', path)}`
}

/**
 * The familiar reading and every other one somebody could have meant: `evil` and `docker.io/evil` may be the official
 * image or all of that user's, `*\/x` may begin with a registry.
 */
function allReadings(line: string): readonly string[] {
  const { registry, path } = split(line)
  const onHub = registry === undefined || registry === 'docker.io'
  return [
    familiarReading(line),
    ...(onHub && path !== '' ? [`docker.io/${path}`] : []),
    ...(registry === undefined && line.startsWith('*') ? [line] : []),
  ]
}

function split(line: string): { readonly registry: string | undefined; readonly path: string } {
  const slash = line.indexOf('/')
  const first = slash === -1 ? line : line.slice(0, slash)
  const path = slash === -1 ? '' : line.slice(slash + 1)
  return isRegistry(first, slash !== -1)
    ? { registry: normaliseRegistry(first), path }
    : { registry: undefined, path: line }
}

/** Docker's rule, and for a line that is only a registry: it has a dot or a port that is a number, unlike `nginx:1.29`. */
function isRegistry(segment: string, hasPath: boolean): boolean {
  if (segment === 'localhost') return hasPath
  const [host = ''] = segment.split(':')
  if (hasPath) return segment.includes('.') || segment.includes(':')
  return /^[^:@]+(:\d+)?$/.test(segment) && (host.includes('.') || host === 'localhost')
}

/** On Docker Hub a path of one segment is an official image. */
function official(registry: string, path: string): string {
  return registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path
}

function withoutTagBeforeDigest(line: string): string {
  return line.replace(/:[^/:@]+@/, '@')
}

const isGlob = (pattern: string): boolean => pattern.includes('*')

type Matcher = (spelling: string) => boolean

/** More than all lines the settings may hold, each in every reading. */
const MAX_COMPILED = 4_096
const compiled = new Map<string, Matcher>()

/** Compiled once: the same few lines judge every image. */
function globMatcher(pattern: string): Matcher {
  const known = compiled.get(pattern)
  if (known !== undefined) return known
  const glob = picomatch(pattern, {
    dot: true,
    nobrace: true,
    nobracket: true,
    noextglob: true,
    nonegate: true,
  })
  const matcher: Matcher = (spelling) => glob(spelling)
  if (compiled.size >= MAX_COMPILED) compiled.clear()
  compiled.set(pattern, matcher)
  return matcher
}

function matches(pattern: string, spellings: readonly string[]): boolean {
  if (isGlob(pattern)) return spellings.some(globMatcher(pattern))
  return spellings.some((spelling) => startsAtBoundary(spelling, pattern))
}

function startsAtBoundary(spelling: string, prefix: string): boolean {
  if (!spelling.startsWith(prefix)) return false
  const next = spelling.charAt(prefix.length)
  return next === '' || prefix.endsWith('/') || '/:@'.includes(next)
}
