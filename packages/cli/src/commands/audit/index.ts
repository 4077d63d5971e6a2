/** The audit trail: who did what. */
import { Option, type Command } from 'commander'
import { noun, verb, type Cli } from '../../command.ts'
import { outputOption } from '../../output/format.ts'

export function auditCommand(cli: Cli): Command {
  return noun('audit', 'Who did what, from where, and how it ended', [
    verb(cli, {
      usage: 'list',
      summary: 'List changes, sign-ins and refused requests, newest first',
      options: (command) =>
        outputOption(filters(command))
          .option('--limit <count>', 'at most so many (default: 100)')
          .option('-f, --follow', 'go on with what comes, oldest first'),
      load: async () => (await import('./list.ts')).listAudit,
    }),
  ])
}

/** The outcomes are as in the contract, which is loaded only when a command runs. */
const filters = (command: Command): Command =>
  command
    .option('--since <duration>', 'not older than this: 15m, 12h, 7d')
    .option('--actor <actor>', 'by whom: admin, token/ci, peer/b, anyone, agent')
    .option('--action <action>', 'what was done, as in the API: createToken, login, openTunnel')
    .option('--about <object>', 'what it was done to, as it is listed: remoteapp/porpulsion,web')
    .addOption(
      new Option('--outcome <outcome>', 'how it ended').choices(['done', 'refused', 'failed']),
    )
    .option('--peer <peer>', 'what this peer did, and what was done about it')
