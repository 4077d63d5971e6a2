/** `porpulsion identity`: who this agent is to its peers. */
import type { Command } from 'commander'
import { noun, verb, type Cli } from '../../command.ts'
import { outputOption } from '../../output/format.ts'
import { waitOptions } from '../../wait/options.ts'

export function identityCommand(cli: Cli): Command {
  return noun('identity', 'Who this agent is to its peers: its CA, and how to renew it', [
    verb(cli, {
      usage: 'show',
      summary: 'Show the fingerprint of this agent, and how far a renewal is',
      options: outputOption,
      load: async () => (await import('./show.ts')).showIdentity,
    }),
    verb(cli, {
      usage: 'rotate',
      summary: 'Renew the CA: peers learn the new one over their links, then it is used',
      options: (command) =>
        waitOptions(outputOption(command))
          .option('--dry-run', 'ask peers whether they could follow, and make nothing')
          .option(
            '--force',
            'use the new CA now; who does not know it yet is shown the former until it does',
          )
          .option('--cancel', 'withdraw the new CA; only while nothing uses it')
          .option(
            '--forget-former',
            'erase the former key; peers that know no other need a new invite',
          )
          .option('--yes', 'do not ask')
          .addHelpText('after', rotateExamples),
      load: async () => (await import('./rotate.ts')).rotateIdentity,
    }),
  ])
}

const rotateExamples = `
Without --force it is used once every confirmed peer has pinned it, however long that takes; apps, links and their
namespaces stay as they are.

Examples:
  porpulsion identity rotate --dry-run
  porpulsion identity rotate --wait
  porpulsion identity rotate --cancel`
