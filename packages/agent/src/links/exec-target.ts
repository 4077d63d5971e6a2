import type { ExecTarget } from './links-api.ts'

const maxWords = 256
const maxCells = 65_535

/** The members of an Open for a command. Undefined: not as docs/protocol.md has them. */
export function readExecTarget(fields: Readonly<Record<string, unknown>>): ExecTarget | undefined {
  const { app, command, pod, container, tty, stdin, columns, rows } = fields
  if (!isWords(command) || !isId(app)) return undefined
  if (!isLeftOutOr(pod, isName) || !isLeftOutOr(container, isName)) return undefined
  if (!isLeftOutOr(tty, isBoolean) || !isLeftOutOr(stdin, isBoolean)) return undefined
  if (!isLeftOutOr(columns, isCells) || !isLeftOutOr(rows, isCells)) return undefined
  return {
    app,
    command,
    ...(pod !== undefined && { pod }),
    ...(container !== undefined && { container }),
    tty: tty ?? false,
    stdin: stdin ?? false,
    ...(columns !== undefined && { columns }),
    ...(rows !== undefined && { rows }),
  }
}

/** How many bytes they are is bounded by the header. */
const isWords = (value: unknown): value is readonly string[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.length <= maxWords &&
  value.every((word) => typeof word === 'string')

const isId = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Za-z0-9-]{1,64}$/.test(value)

/** Compared with names that Kubernetes took; never part of a path unless one of them. */
const isName = (value: unknown): value is string =>
  typeof value === 'string' && /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(value)

const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean'

const isCells = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= maxCells

const isLeftOutOr = <T>(
  value: unknown,
  is: (value: unknown) => value is T,
): value is T | undefined => value === undefined || is(value)
