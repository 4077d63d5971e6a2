/** `porpulsion demo`: clusters with an agent each, peered, one running the other's app. */
import type { Command } from 'commander'
import { noun, verb, type Cli } from '../../command.ts'
import { outputOption } from '../../output/format.ts'

export function demoCommand(cli: Cli): Command {
  const up = verb(cli, {
    usage: 'up',
    summary: 'Start it, or go on with the last one; Ctrl-C ends it',
    options: (command) =>
      inDir(command)
        .option('--detach', 'return once it is ready and leave it running')
        .option('--clusters <count>', 'how many clusters a new demo has, 2 to 6 (default: 2)'),
    load: async () => (await import('./up.ts')).demoUp,
  })
  const supervise = verb(cli, {
    usage: 'supervise',
    summary: 'Keep its processes running: what --detach leaves behind',
    options: inDir,
    load: async () => (await import('./supervise.ts')).demoSupervise,
  })
  return noun('demo', 'Try it: two clusters that peer and run an app', [
    verb(cli, {
      usage: 'stop',
      summary: 'Stop a detached demo and keep its state',
      options: inDir,
      load: async () => (await import('./stop.ts')).demoStop,
    }),
    verb(cli, {
      usage: 'clean',
      summary: 'Stop it and forget its state',
      options: inDir,
      load: async () => (await import('./clean.ts')).demoClean,
    }),
    verb(cli, {
      usage: 'status',
      summary: 'Show what of it runs',
      options: (command) => outputOption(inDir(command)),
      load: async () => (await import('./status.ts')).demoStatus,
    }),
  ])
    .addCommand(up, { isDefault: true })
    .addCommand(supervise, { hidden: true })
}

const inDir = (command: Command): Command =>
  command.option('--dir <dir>', 'where it keeps its state (default: .demo)')
