import { pino, type DestinationStream, type Logger } from 'pino'

export type { Logger }
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent'

/**
 * Keys whose values never reach a log, at the top and one level down. A last net: nothing secret should be handed to
 * a logger in the first place.
 */
const secretKeys = [
  'token',
  'authorization',
  'cookie',
  'secret',
  'password',
  'bundle',
  'ticket',
  'loginCode',
  'privateKey',
  'hmac',
]
const redact = secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`])

export interface LoggerOptions {
  readonly level: LogLevel
  /** Name of this agent, on every line. */
  readonly agent: string
}

/** JSON lines. The message is constant, the facts are keys. */
export function createLogger(options: LoggerOptions, destination?: DestinationStream): Logger {
  return pino(
    {
      level: options.level,
      base: { agent: options.agent },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redact, censor: '[redacted]' },
    },
    destination ?? process.stdout,
  )
}
