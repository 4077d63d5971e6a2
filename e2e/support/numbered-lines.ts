/** Follows the log of a ticker, whose lines are numbered, and finds what is missing or there twice. */
import { createInterface } from 'node:readline'
import type { ChildProcess } from 'node:child_process'
import { endChild } from './child.ts'

export interface NumberedLines {
  readonly numbers: readonly number[]
  /** Numbers that did not come though a later one did, and those that came again. */
  faults(): { readonly missing: number; readonly repeated: number }
  /** The command's exit code, or the signal it ended by. */
  end(): Promise<void>
  readonly hasEnded: boolean
}

export function followNumbers(command: ChildProcess): NumberedLines {
  const numbers: number[] = []
  let hasEnded = false
  if (command.stdout === null) throw new Error('The command has no output')
  createInterface(command.stdout).on('line', (line) => {
    const number = /(?:^|\s)(\d+) \d{4}-\d\d-\d\dT\S+ tick from/.exec(line)?.[1]
    if (number !== undefined) numbers.push(Number(number))
  })
  command.stderr?.resume()
  command.once('exit', () => (hasEnded = true))
  return {
    numbers,
    faults() {
      const seen = new Set(numbers)
      const expected = Math.max(...numbers) - Math.min(...numbers) + 1
      return { missing: expected - seen.size, repeated: numbers.length - seen.size }
    },
    get hasEnded() {
      return hasEnded
    },
    end: () => endChild(command, 'SIGTERM'),
  }
}
