/** Features each answer some endpoints; together every one exactly once. Throws otherwise, so that start fails. */
export function mergeHandlers<H extends object>(
  table: Readonly<Record<string, unknown>>,
  parts: readonly H[],
): Required<H> {
  const names = parts.flatMap((part) => Object.keys(part))
  const missing = Object.keys(table).filter((name) => !names.includes(name))
  const doubled = names.filter((name, i) => names.indexOf(name) !== i)
  const unknown = names.filter((name) => !Object.hasOwn(table, name))
  if (missing.length + doubled.length + unknown.length > 0)
    throw new Error(
      `Endpoints without a handler: ${list(missing)}; with two: ${list(doubled)}; not in the table: ${list(unknown)}`,
    )
  return Object.assign({}, ...parts) as Required<H> // every name of the table is there, see above
}

const list = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '))
