/** `porpulsion version`: ours, and the agent's where one answers. */
import type { Command } from 'commander'
import { verb, type Cli } from '../../command.ts'
import { outputOption } from '../../output/format.ts'

export function versionCommand(cli: Cli): Command {
  return verb(cli, {
    usage: 'version',
    summary: 'Show the version of this program and of the agent',
    options: outputOption,
    load: async () => (await import('./version.ts')).showVersion,
  })
}
