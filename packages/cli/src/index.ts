/**
 * The command line: what people and scripts type. Each command is complete → validate → run over the streams it is
 * given, and speaks to an agent through the endpoint table alone.
 *
 * Must not know how an agent or the embedded cluster works: it starts them through their public entry points, lazily,
 * so that `porpulsion --help` never loads them. Only `main.ts` reads the process and its environment.
 */
export { runCli } from './cli.ts'
export type { Io } from './io.ts'
