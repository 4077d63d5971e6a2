/** `porpulsion status`: one look at an agent. */
import type { Command } from 'commander'
import { verb, type Cli } from '../../command.ts'
import { outputOption } from '../../output/format.ts'

export function statusCommand(cli: Cli): Command {
  return verb(cli, {
    usage: 'status',
    summary: 'Show what the agent is and how it is',
    options: outputOption,
    load: async () => (await import('./status.ts')).showStatus,
  })
}
