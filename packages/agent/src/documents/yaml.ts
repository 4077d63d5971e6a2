import { PorpulsionError } from '@porpulsion/contract'
import { parseDocument } from 'yaml'

/** Aliases may repeat what was written; more than this is a bomb. */
const MAX_ALIASES = 100

/**
 * YAML as Kubernetes users mean it: numbers of version 1.1, or `defaultMode: 0644` would be 644 decimal, but not its
 * timestamps, which would turn a plain date into an object, nor its numbers to base 60, which would turn `8080:80` into
 * 484880. Booleans are those of 1.2: `mode: off` is a word, and so is the country `NO`. Throws `MalformedRequest` that
 * names line and column.
 */
export function parseYaml(text: string): unknown {
  const document = parseDocument(text, {
    version: '1.1',
    customTags: (tags) => [
      ...tags.filter((tag) => typeof tag === 'string' || !isForeign(tag)),
      'bool',
    ],
    prettyErrors: true,
  })
  const [error] = document.errors
  if (error !== undefined) throw malformed(firstLine(error.message), error)
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES })
  } catch (cause) {
    throw malformed('it refers to itself too often', cause)
  }
  // JSON bodies refuse this key too: assigned on, it would change the prototype of what it is assigned to.
  if (hasKey(value, '__proto__')) throw malformed('the key "__proto__" is not allowed')
  return value
}

const isForeign = (tag: { readonly tag: string; readonly format?: string }): boolean =>
  tag.tag === 'tag:yaml.org,2002:timestamp' ||
  tag.tag === 'tag:yaml.org,2002:bool' ||
  tag.format === 'TIME'

const firstLine = (message: string): string => (message.split('\n')[0] ?? message).replace(/:$/, '')

function hasKey(value: unknown, key: string): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.hasOwn(value, key) || Object.values(value).some((member) => hasKey(member, key))
}

const malformed = (reason: string, cause?: unknown): PorpulsionError =>
  new PorpulsionError('Invalid', 'MalformedRequest', `This is not valid YAML: ${reason}`, { cause })
