import { errorKindMeanings, isPorpulsionError, type PorpulsionError } from '@porpulsion/contract'
import type { GlobalFlags } from '../command.ts'
import type { Io } from '../io.ts'
import { coloursFor, type Colours } from './colours.ts'
import { nextStep } from './next-step.ts'
import { plain } from './table.ts'

/** Says what happened and what to do, on stderr, and returns the exit code. A stack only when asked for. */
export function reportError(io: Io, error: unknown, flags: GlobalFlags): number {
  const known = isPorpulsionError(error)
  const colours = coloursFor(io, io.stderr, flags)
  if (!known || error.kind !== 'Aborted') {
    io.stderr.write(known ? describe(colours, error) : describeDefect(colours, error))
  }
  if (flags.debug === true) io.stderr.write(`${stackOf(error)}\n`)
  return errorKindMeanings[known ? error.kind : 'Internal'].exit
}

function describe({ red, dim }: Colours, error: PorpulsionError): string {
  const fields = error.fields.length > 1 ? error.fields : []
  const step = nextStep(error)
  return [
    `${red('error:')} ${plain(error.message)} ${dim(`[${error.code}]`)}`,
    ...fields.map(({ path, message }) => `  ${plain(path)}: ${plain(message)}`),
    ...(step === undefined ? [] : [`${dim('next:')} ${step}`]),
    '',
  ].join('\n')
}

function describeDefect({ red, dim }: Colours, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const step = 'run it again with --debug and report what it prints'
  return `${red('error:')} ${plain(message)} ${dim('[InternalError]')}\n${dim('next:')} ${step}\n`
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`
  return `${error.stack ?? error.message}${cause}`
}
