/** The people who use the agent. */
import { Argument, type Command } from 'commander'
import { noun, verb, type Cli } from '../../command.ts'
import { outputOption } from '../../output/format.ts'

/** As in the contract, which is loaded only when a command runs. */
const roleChoices = ['viewer', 'operator', 'admin']

export function userCommand(cli: Cli): Command {
  return noun('user', 'Who may use the agent', [
    verb(cli, {
      usage: 'list',
      summary: 'List users',
      options: outputOption,
      load: async () => (await import('./list.ts')).listUsers,
    }),
    withRole(
      verb(cli, {
        usage: 'create <name>',
        summary: 'Create a user, and print a one-time login link to hand over',
        options: outputOption,
        load: async () => (await import('./create.ts')).createUser,
      }),
    ),
    withRole(
      verb(cli, {
        usage: 'set-role <name>',
        summary: 'Change what a user may do; acts at once',
        options: outputOption,
        load: async () => (await import('./update.ts')).setRole,
      }),
    ),
    verb(cli, {
      usage: 'disable <name>',
      summary: 'Let a user in nowhere, and keep everything else of them',
      options: outputOption,
      load: async () => (await import('./update.ts')).disableUser,
    }),
    verb(cli, {
      usage: 'enable <name>',
      summary: 'Let a disabled user in again',
      options: outputOption,
      load: async () => (await import('./update.ts')).enableUser,
    }),
    verb(cli, {
      usage: 'login-link <name>',
      summary: 'Print a new one-time login link for a user, to hand over',
      options: outputOption,
      load: async () => (await import('./login-link.ts')).printLoginLink,
    }),
    verb(cli, {
      usage: 'set-password <link>',
      summary: 'Set your own password, with a one-time login link you were given',
      load: async () => (await import('./set-password.ts')).setPassword,
    }),
    verb(cli, {
      usage: 'remove-password <name>',
      summary: 'Take the password of a user away; links let them in',
      options: outputOption,
      load: async () => (await import('./update.ts')).removePassword,
    }),
    verb(cli, {
      usage: 'delete <name>',
      summary: 'Delete a user, with their sessions, links and tokens',
      load: async () => (await import('./delete.ts')).deleteUser,
    }),
  ])
}

const withRole = (command: Command): Command =>
  command.addArgument(new Argument('<role>', 'what they may do').choices(roleChoices))
