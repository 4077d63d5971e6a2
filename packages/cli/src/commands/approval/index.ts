/** What peers want to run or reach here, and somebody has to allow. */
import type { Command } from 'commander'
import { noun, verb, type Cli } from '../../command.ts'
import { outputOption } from '../../output/format.ts'

export function approvalCommand(cli: Cli): Command {
  return noun('approval', 'Decide what peers may run and reach here', [
    verb(cli, {
      usage: 'list',
      summary: 'List what waits for a decision, and what was decided',
      options: (command) => outputOption(command).option('--peer <name>', 'only of this peer'),
      load: async () => (await import('./list.ts')).listApprovals,
    }),
    verb(cli, {
      usage: 'show <id>',
      summary: 'Show what would change',
      options: outputOption,
      load: async () => (await import('./show.ts')).showApproval,
    }),
    verb(cli, {
      usage: 'approve <id>',
      summary: 'Let it run, or be reached',
      options: (command) => outputOption(command).option('--note <text>', 'for the record'),
      load: async () => (await import('./decide.ts')).approve,
    }),
    verb(cli, {
      usage: 'reject <id>',
      summary: 'Refuse it',
      options: (command) => outputOption(command).option('--note <text>', 'for the peer to read'),
      load: async () => (await import('./decide.ts')).reject,
    }),
  ])
}
