/** Says what a demo does, step by step, and how long each step took. */
import { noteLine, printLine, type Io } from '../io.ts'
import { coloursFor } from '../output/colours.ts'

export interface Steps {
  /** Runs it and prints a line when it is done; what it returns may say more. */
  readonly run: <T>(what: string, work: (say: (more: string) => void) => Promise<T>) => Promise<T>
  readonly print: (line?: string) => Promise<void>
}

export function createSteps(io: Io): Steps {
  const { green, red, dim } = coloursFor(io, io.stdout)
  return {
    async run(what, work) {
      const sinceMs = io.now()
      const took = (): string => `${((io.now() - sinceMs) / 1_000).toFixed(1)} s`
      let more = ''
      try {
        const result = await work((text) => (more = text))
        await printLine(
          io,
          `${green('✓')} ${what}${more === '' ? '' : `: ${more}`} ${dim(`(${took()})`)}`,
        )
        return result
      } catch (error) {
        if (!io.signal.aborted)
          await noteLine(io, `${red('✗')} ${what} ${dim(`(after ${took()})`)}`)
        throw error
      }
    },
    print: (line = '') => printLine(io, line),
  }
}
