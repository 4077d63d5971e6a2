/**
 * The program behind every image of the process runtime, and the entry point of the real images in `deploy/`:
 *
 *     node main.js [--run DIR --heartbeat FILE] hello [ARGS…]
 *     node main.js [--run DIR --heartbeat FILE] ticker [ARGS…]
 *     node main.js  --run DIR --heartbeat FILE  exec [--stdin] [--tty] -- COMMAND [ARGS…]
 *
 * `--run` names the directory of this run of the container; it is also how the runtime finds its processes again. With
 * it, the container's environment comes as JSON on standard input and never is the environment of this process: whoever
 * writes a pod chooses it, and NODE_OPTIONS or LD_PRELOAD would let them run anything.
 */
import { readFileSync } from 'node:fs'
import { becomeContainer } from './container-process.ts'
import { runHostCommand } from './host-command.ts'
import { hello } from './hello.ts'
import { ticker } from './ticker.ts'
import type { Program } from './program.ts'

const programs: Readonly<Record<string, Program>> = { hello, ticker }

const invocation = parseArguments(process.argv.slice(2))
const { run } = invocation
const container = run && becomeContainer(run.dir, run.heartbeat)
if (invocation.program === 'exec' && run !== undefined && container !== undefined) {
  process.exit(await runHostCommand(invocation.args, run.env, container))
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
  const { args } = invocation
  const env = run?.env ?? process.env
  try {
    process.exit(await program({ args, env, signal: stopping.signal, started }))
  } catch (error) {
    // A wrong argument, a port that is taken: where in this program it was noticed helps nobody.
    process.stderr.write(
      `${invocation.program}: ${error instanceof Error ? error.message : String(error)}\n`,
    )
    process.exit(1)
  }
}

interface Invocation {
  readonly run?: {
    readonly dir: string
    readonly heartbeat: string
    readonly env: Readonly<Record<string, string>>
  }
  readonly program: string
  readonly args: readonly string[]
}

function parseArguments(argv: readonly string[]): Invocation {
  if (argv[0] !== '--run') {
    return { program: argv[0] ?? '', args: argv.slice(1) }
  }
  const [, dir = '', , heartbeat = '', program = '', ...args] = argv
  const env = JSON.parse(readFileSync(0, 'utf8')) as Record<string, string> // the runtime wrote it
  return { run: { dir, heartbeat, env }, program, args }
}
