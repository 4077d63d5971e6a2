/** What a command prints: tables and sentences for people, `-o json|yaml|name` for programs. */
import { Option, type Command } from 'commander'
import type { Io } from '../io.ts'
import { printLine } from '../io.ts'
import { table, type Column } from './table.ts'

const outputFormats = ['json', 'yaml', 'wide', 'name'] as const
export type OutputFormat = (typeof outputFormats)[number]

export interface OutputFlags {
  readonly output?: OutputFormat
}

export const outputOption = (command: Command): Command =>
  command.addOption(
    new Option('-o, --output <format>', 'how to print it (default: for people)').choices(
      outputFormats,
    ),
  )

interface Named<T> {
  /** `remoteapp/web`, for `-o name`. */
  readonly nameOf: (item: T) => string
}

export interface ListView<T> extends Named<T> {
  readonly columns: readonly Column<T>[]
  /** Said on stderr when there is nothing, with what to do about it. */
  readonly whenEmpty: string
}

/** A list: `-o json` prints it as it came, `items` included. */
export async function printList<T>(
  io: Io,
  { output }: OutputFlags,
  list: { readonly items: readonly T[] },
  view: ListView<T>,
): Promise<void> {
  if (output === 'json' || output === 'yaml') return printDocument(io, output, list)
  if (output === 'name') {
    for (const item of list.items) await printLine(io, view.nameOf(item))
    return
  }
  if (list.items.length === 0) {
    io.stderr.write(`${view.whenEmpty}\n`)
    return
  }
  for (const line of table(view.columns, list.items, { isWide: output === 'wide' })) {
    await printLine(io, line)
  }
}

/** One object: the lines of `describe` for people. */
export async function printObject<T>(
  io: Io,
  { output }: OutputFlags,
  object: T,
  view: Named<T> & { readonly describe: (object: T) => readonly string[] },
): Promise<void> {
  if (output === 'json' || output === 'yaml') return printDocument(io, output, object)
  const linesOf = output === 'name' ? [view.nameOf(object)] : view.describe(object)
  for (const line of linesOf) await printLine(io, line)
}

async function printDocument(io: Io, format: 'json' | 'yaml', document: unknown): Promise<void> {
  if (format === 'json') return printLine(io, JSON.stringify(document, null, 2))
  const { stringify } = await import('yaml')
  return printLine(io, stringify(document).trimEnd())
}
