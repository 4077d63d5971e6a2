/** The process: argv, environment, streams and signals. Everything else is given them. */
import { runCli } from './cli.ts'
import type { Io } from './io.ts'
import { passOutputOn } from './input/pass-output-on.ts'
import { withNpxArguments } from './npx-arguments.ts'

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Asked twice, do not insist on good order.
    if (interrupted.signal.aborted) process.exit(130)
    interrupted.abort()
  })
}
// Started by a supervisor that is gone: what it started must not outlive it.
process.on('disconnect', () => interrupted.abort())
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `porpulsion app logs web -f | head`: the reader has seen enough.
  process.exit(error.code === 'EPIPE' ? 0 : 70)
})

const io: Io = {
  stdin: Object.assign(process.stdin, { passOutputOn }),
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  signal: interrupted.signal,
  self: {
    command: process.execPath,
    args: [...process.execArgv, ...process.argv.slice(1, 2)],
  },
  announceReady: () => process.send?.({ kind: 'ready' }),
  now: () => Date.now(),
}

process.exitCode = await runCli(withNpxArguments(process.argv.slice(2), process.env), io)
// A channel to a supervisor must not keep a finished command alive.
if (process.connected) process.disconnect()
