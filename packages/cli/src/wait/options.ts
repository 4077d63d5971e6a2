import type { Command } from 'commander'

export interface WaitFlags {
  readonly wait?: boolean
  readonly timeout?: string
}

export const waitOptions = (command: Command): Command =>
  command
    .option('--wait', 'wait until it is done, telling how far it is on stderr')
    .option('--timeout <duration>', 'how long --wait waits (default: as long as it may take)')
