/** Invites: how another cluster becomes our peer. */
import type { Command } from 'commander'
import { noun, verb, type Cli } from '../../command.ts'
import { outputOption } from '../../output/format.ts'

export function inviteCommand(cli: Cli): Command {
  return noun('invite', 'Let another cluster become a peer', [
    verb(cli, {
      usage: 'create',
      summary: 'Create a one-time invite and print it',
      options: (command) =>
        outputOption(command)
          .option('--expires <duration>', 'how long it can be used: 15m, 1h, 7d (default: 1h)')
          .option(
            '--auto-confirm',
            'trust whoever redeems it without comparing words: only over a channel nobody else reads',
          ),
      load: async () => (await import('./create.ts')).createInvite,
    }),
    verb(cli, {
      usage: 'list',
      summary: 'List the invites that can still be used',
      options: outputOption,
      load: async () => (await import('./list.ts')).listInvites,
    }),
    verb(cli, {
      usage: 'revoke <id>',
      summary: 'Make an invite useless',
      load: async () => (await import('./revoke.ts')).revokeInvite,
    }),
  ])
}
