/** What differs between two specs, field by field, for people who decide about it. */
import type { AppSpec, Difference } from '@porpulsion/contract'
import { contentHash } from './canonical-json.ts'

/** Whoever changes more at once is shown this much, and that there is more. */
const MAX_DIFFERENCES = 500
const MAX_PATHS = 50
const MAX_VALUE = 512

/** Where two specs differ, for people who only look; never what stands there. */
export function changedPaths(before: object, after: object): string[] {
  const paths = differingPaths(leavesOf(before), leavesOf(after))
  const more = paths.length - MAX_PATHS
  return more > 0 ? [...paths.slice(0, MAX_PATHS), `… ${more} more`] : paths
}

/** `before` undefined: of a new app every field. Values of secrets are told apart, and not shown. */
export function specDifferences(before: AppSpec | undefined, after: AppSpec): Difference[] {
  const old = before === undefined ? new Map<string, string>() : leavesOf(before)
  const next = leavesOf(after)
  const paths = differingPaths(old, next)
  const shown = paths.slice(0, MAX_DIFFERENCES).map((path) => difference(path, old, next))
  const more = paths.length - shown.length
  return more > 0 ? [...shown, { path: '…', after: `and ${more} more` }] : shown
}

const differingPaths = (
  old: ReadonlyMap<string, string>,
  next: ReadonlyMap<string, string>,
): string[] =>
  [...new Set([...old.keys(), ...next.keys()])].filter((path) => old.get(path) !== next.get(path))

function difference(
  path: string,
  old: ReadonlyMap<string, string>,
  next: ReadonlyMap<string, string>,
): Difference {
  const [before, after] = [old.get(path), next.get(path)]
  const text = (value: string): string => (isSecret(path) ? hidden : shortened(value))
  return {
    path,
    ...(before !== undefined && { before: text(before) }),
    ...(after !== undefined && { after: text(after) }),
  }
}

const hidden = '(secret)'
const isSecret = (path: string): boolean =>
  /^secrets\[.*\]\.(data|binaryData)\.|^imagePullSecrets\[.*\]\.dockerConfigJson$/.test(path)

/** Every scalar by its path. Lists of named things go by name: one more in front is not a change of all. */
function leavesOf(spec: object): Map<string, string> {
  const leaves = new Map<string, string>()
  walk('', spec, leaves)
  return leaves
}

function walk(path: string, value: unknown, leaves: Map<string, string>): void {
  if (Array.isArray(value)) {
    value.forEach((item, index) => walk(`${path}[${nameOf(item) ?? index}]`, item, leaves))
    return
  }
  if (typeof value !== 'object' || value === null) {
    if (value !== undefined) leaves.set(path, isSecret(path) ? contentHash(value) : textOf(value))
    return
  }
  const prefix = path === '' ? '' : `${path}.`
  for (const [key, member] of Object.entries(value)) walk(`${prefix}${key}`, member, leaves)
}

function nameOf(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null || !('name' in item)) return undefined
  return typeof item.name === 'string' ? item.name : undefined
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value)

const shortened = (text: string): string =>
  text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE - 1)}…` : text
