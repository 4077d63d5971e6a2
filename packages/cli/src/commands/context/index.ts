/** Which agent commands talk to. Knows the context file; talks to nobody. */
import type { Command } from 'commander'
import { noun, verb, type Cli } from '../../command.ts'
import { outputOption } from '../../output/format.ts'

export function contextCommand(cli: Cli): Command {
  return noun('context', 'Choose which agent commands talk to', [
    verb(cli, {
      usage: 'list',
      summary: 'List the agents you are signed in to',
      options: outputOption,
      load: async () => (await import('./list.ts')).listContexts,
    }),
    verb(cli, {
      usage: 'use <name>',
      summary: 'Make one the current context',
      load: async () => (await import('./use.ts')).useContext,
    }),
  ])
}
