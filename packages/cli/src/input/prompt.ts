/** Questions to a person. Never asked where nobody is: a script gets an error that names the flag instead. */
import { PorpulsionError } from '@porpulsion/contract'
import type { Io } from '../io.ts'

export const isInteractive = ({ stdin, stderr }: Io): boolean =>
  stdin.isTTY === true && stderr.isTTY === true

/** Not echoed: it neither stays on the screen nor in the shell's history. */
export async function askSecret(io: Io, message: string): Promise<string> {
  const { password } = await import('@clack/prompts')
  return answered<string>(
    await password({ message, input: io.stdin, output: io.stderr, signal: io.signal }),
  )
}

export async function askYesNo(io: Io, message: string): Promise<boolean> {
  const { confirm } = await import('@clack/prompts')
  return answered<boolean>(
    await confirm({
      message,
      initialValue: false,
      input: io.stdin,
      output: io.stderr,
      signal: io.signal,
    }),
  )
}

/** The library answers with a symbol when the person pressed Ctrl-C. */
function answered<T>(answer: T | symbol): T {
  if (typeof answer === 'symbol')
    throw new PorpulsionError('Aborted', 'RequestAborted', 'Interrupted')
  return answer
}
