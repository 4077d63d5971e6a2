/** Who is signed in to the agent's page. */
import type { Command } from 'commander'
import { noun, verb, type Cli } from '../../command.ts'
import { outputOption } from '../../output/format.ts'

export function sessionCommand(cli: Cli): Command {
  return noun('session', 'Who is signed in', [
    verb(cli, {
      usage: 'list',
      summary: 'List sessions: yours, or for admins all',
      options: outputOption,
      load: async () => (await import('./list.ts')).listSessions,
    }),
    verb(cli, {
      usage: 'revoke [session]',
      summary: 'End a session, or every one of a user',
      options: (command) =>
        command.option('--user <name>', 'every session of this user, instead of one'),
      load: async () => (await import('./revoke.ts')).revokeSessions,
    }),
  ])
}
