import { parseArgs } from 'node:util'
import type { Program } from './program.ts'

/** Prints a numbered line per second, so that following logs has something to follow. `--interval-ms`, `--count`. */
export const ticker: Program = ({ args, env, signal, started }) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'interval-ms': { type: 'string', default: env['INTERVAL_MS'] ?? '1000' },
      /** Ends after so many lines; 0 goes on for ever. */
      count: { type: 'string', default: '0' },
    },
  })
  const count = Number(values.count)
  return new Promise((resolve) => {
    let number = 0
    const end = (): void => {
      clearInterval(timer)
      resolve(0)
    }
    const tick = (): void => {
      number += 1
      process.stdout.write(
        `${number} ${new Date().toISOString()} tick from ${env['HOSTNAME'] ?? 'here'}\n`,
      )
      if (number === count) end()
    }
    const timer = setInterval(tick, Number(values['interval-ms']))
    signal.addEventListener('abort', end, { once: true })
    tick()
    started()
  })
}
