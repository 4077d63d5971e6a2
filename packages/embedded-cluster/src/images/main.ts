/**
 * The program behind every image of the process runtime, and the entry point of the real images in `deploy/`:
 *
 *     node main.js [--run DIR --heartbeat FILE] hello [ARGS…]
 *     node main.js [--run DIR --heartbeat FILE] ticker [ARGS…]
 *     node main.js  --run DIR --heartbeat FILE  exec COMMAND [ARGS…]
 *
 * `--run` names the directory of this run of the container; it is also how the runtime finds its processes again.
 */
import { becomeContainer } from './container-process.ts'
import { runHostCommand } from './host-command.ts'
import { hello } from './hello.ts'
import { ticker } from './ticker.ts'
import type { Program } from './program.ts'

const programs: Readonly<Record<string, Program>> = { hello, ticker }

const invocation = parseArguments(process.argv.slice(2))
const container =
  invocation.runDir === undefined
    ? undefined
    : becomeContainer(invocation.runDir, invocation.heartbeat)
if (invocation.program === 'exec' && container !== undefined) {
  process.exit(await runHostCommand(invocation.args, container.log, container.started))
} else {
  await runProgram()
}

async function runProgram(): Promise<void> {
  const program = programs[invocation.program]
  if (program === undefined) {
    process.stderr.write(
      `No program "${invocation.program}"; there are: ${Object.keys(programs).join(', ')}\n`,
    )
    process.exit(127)
  }
  const stopping = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.abort())
  const started = container === undefined ? () => undefined : container.started
  process.exit(
    await program({ args: invocation.args, env: process.env, signal: stopping.signal, started }),
  )
}

interface Invocation {
  readonly runDir?: string
  readonly heartbeat: string
  readonly program: string
  readonly args: readonly string[]
}

function parseArguments(argv: readonly string[]): Invocation {
  if (argv[0] !== '--run') return { program: argv[0] ?? '', heartbeat: '', args: argv.slice(1) }
  const [, runDir = '', , heartbeat = '', program = '', ...args] = argv
  return { runDir, heartbeat, program, args }
}
