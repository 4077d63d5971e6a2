/** API tokens: for programs, and for this one. */
import { Option, type Command } from 'commander'
import { noun, verb, type Cli } from '../../command.ts'
import { outputOption } from '../../output/format.ts'

/** As in the contract, which is loaded only when a command runs. */
const roleChoices = ['viewer', 'operator', 'admin']

export function tokenCommand(cli: Cli): Command {
  return noun('token', 'API tokens of the agent', [
    verb(cli, {
      usage: 'create <name>',
      summary: 'Create a token and print it',
      options: (command) =>
        outputOption(command)
          .addOption(
            new Option('--role <role>', 'what it may do (default: viewer)').choices(roleChoices),
          )
          .option(
            '--expires <duration>',
            'how long it is valid: 12h, 30d (default: until revoked)',
          ),
      load: async () => (await import('./create.ts')).createToken,
    }),
    verb(cli, {
      usage: 'list',
      summary: 'List tokens',
      options: outputOption,
      load: async () => (await import('./list.ts')).listTokens,
    }),
    verb(cli, {
      usage: 'revoke <token>',
      summary: 'Revoke a token, by name or id',
      load: async () => (await import('./revoke.ts')).revokeToken,
    }),
  ])
}
