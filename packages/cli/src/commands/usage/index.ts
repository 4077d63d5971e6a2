/** `porpulsion usage`: what apps of peers take here. */
import type { Command } from 'commander'
import { verb, type Cli } from '../../command.ts'
import { outputOption } from '../../output/format.ts'

export function usageCommand(cli: Cli): Command {
  return verb(cli, {
    usage: 'usage',
    summary: 'Show what apps of peers take here, and how much they may',
    options: outputOption,
    load: async () => (await import('./usage.ts')).showUsage,
  })
}
