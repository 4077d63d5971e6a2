/** The owner's rules: what peers may run here. */
import type { Command } from 'commander'
import { noun, verb, type Cli } from '../../command.ts'
import { outputOption } from '../../output/format.ts'

export function settingsCommand(cli: Cli): Command {
  return noun('settings', 'The rules for what peers may run here', [
    verb(cli, {
      usage: 'get [path]',
      summary: 'Show the rules in force, or one of them',
      options: (command) =>
        outputOption(command)
          .option('--document', 'only what was written, without the defaults')
          .option('--peer <name>', 'what is set for this peer alone'),
      load: async () => (await import('./get.ts')).getSettings,
    }),
    verb(cli, {
      usage: 'set [assignments...]',
      summary: 'Change rules: PATH=VALUE, where "PATH=null" goes back to the default',
      options: (command) =>
        outputOption(command)
          .option('--peer <name>', 'for this peer alone')
          .option('-f, --file <file>', 'replace the whole document with this file; "-" is stdin')
          .addHelpText('after', examples),
      load: async () => (await import('./set.ts')).setSettings,
    }),
    verb(cli, {
      usage: 'violations',
      summary: 'List apps that run here and break the rules as they are now',
      options: (command) => outputOption(command).option('--stop', 'stop them'),
      load: async () => (await import('./violations.ts')).violations,
    }),
  ])
}

const examples = `
Examples:
  porpulsion settings set inbound.enabled=false
  porpulsion settings set images.block='["docker.io/evil/**"]' --peer b
  porpulsion settings set totals.apps=10 approval.required=true --peer b
  porpulsion settings set resources.maxPerPod.memory=512Mi resources.maxReplicasPerApp=3`
