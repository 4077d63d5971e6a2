/** How commands are declared: cheap to list for `--help`, loaded when they run. */
import { Command } from 'commander'
import type { Io } from './io.ts'

/** Options every command has. */
export interface GlobalFlags {
  readonly context?: string
  readonly debug?: boolean
  readonly color?: boolean
}

/** What a command was given, before anything of it is parsed. */
export interface Input<Flags = object> {
  readonly args: readonly string[]
  readonly flags: Flags & GlobalFlags
  /** Everything after `--`: for the container, not for us. */
  readonly rest: readonly string[]
}

/** What commands are made from. */
export interface Cli {
  readonly io: Io
  readonly rest: readonly string[]
  /** A command that ran, and has an exit code of its own. */
  readonly exitWith: (code: number) => void
}

/** What is resolved with is the exit code; nothing means that all went well. */
export type Run<Flags> = (io: Io, input: Input<Flags>) => Promise<void> | Promise<number>

export interface VerbDeclaration<Flags> {
  /** `scale <app>` */
  readonly usage: string
  readonly summary: string
  /** Adds options and examples; what they yield is `Flags`. */
  readonly options?: (command: Command) => Command
  readonly takesRest?: boolean
  readonly load: () => Promise<Run<Flags>>
}

export function verb<Flags>(cli: Cli, declaration: VerbDeclaration<Flags>): Command {
  const { usage, summary, options, takesRest = false, load } = declaration
  const [name = '', ...operands] = usage.split(' ')
  const command = new Command(name).description(summary).helpCommand(false)
  for (const operand of operands) command.argument(operand)
  options?.(command)
  return command.action(async () => {
    if (cli.rest.length > 0 && !takesRest) command.error(`error: "--" has no meaning here`)
    const run = await load()
    // The options declared beside `Flags` promise its shape.
    const flags = command.optsWithGlobals<Flags & GlobalFlags>()
    const code: unknown = await run(cli.io, { args: command.args, flags, rest: cli.rest })
    if (typeof code === 'number') cli.exitWith(code)
  })
}

export function noun(name: string, summary: string, verbs: readonly Command[]): Command {
  const command = new Command(name).description(summary).helpCommand(false)
  for (const one of verbs) command.addCommand(one)
  return command
}

/** For options that may be given several times. */
export const collect = (value: string, earlier: readonly string[] = []): readonly string[] => [
  ...earlier,
  value,
]
