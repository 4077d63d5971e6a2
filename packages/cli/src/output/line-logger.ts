import type { Io } from '../io.ts'

type Log = (facts: object, message: string) => void

/** What a process of ours logs, as JSON lines on stderr: the same form as the agent's. */
export function lineLogger(io: Io): Readonly<Record<'debug' | 'info' | 'warn' | 'error', Log>> {
  const at =
    (level: string): Log =>
    (facts, message) => {
      const time = new Date(io.now()).toISOString()
      io.stderr.write(`${JSON.stringify({ level, time, ...readable(facts), msg: message })}\n`)
    }
  return { debug: () => undefined, info: at('info'), warn: at('warn'), error: at('error') }
}

/** An error has no own properties that JSON would show. */
function readable(facts: object): object {
  const entries = Object.entries(facts).map(([key, value]: [string, unknown]) => [
    key,
    value instanceof Error ? { message: value.message, stack: value.stack } : value,
  ])
  return Object.fromEntries(entries) as object
}
