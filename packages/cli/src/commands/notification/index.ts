/** What needs somebody's attention. */
import type { Command } from 'commander'
import { noun, verb, type Cli } from '../../command.ts'
import { outputOption } from '../../output/format.ts'

export function notificationCommand(cli: Cli): Command {
  return noun('notification', 'What needs your attention', [
    verb(cli, {
      usage: 'list',
      summary: 'List what nobody has acknowledged, newest first',
      options: (command) => outputOption(command).option('--all', 'also what was acknowledged'),
      load: async () => (await import('./list.ts')).listNotifications,
    }),
    verb(cli, {
      usage: 'acknowledge [ids...]',
      summary: 'Mark as seen',
      options: (command) => command.option('--all', 'all there are'),
      load: async () => (await import('./acknowledge.ts')).acknowledgeNotifications,
    }),
  ])
}
