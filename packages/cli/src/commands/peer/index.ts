/** Peers: other clusters' agents that we know. */
import { Option, type Command } from 'commander'
import { noun, verb, type Cli } from '../../command.ts'
import { outputOption } from '../../output/format.ts'
import { waitOptions } from '../../wait/options.ts'

export function peerCommand(cli: Cli): Command {
  return noun('peer', 'Other clusters that run our apps, and whose apps we run', [
    verb(cli, {
      usage: 'add [-]',
      summary: 'Redeem an invite of another cluster, pasted at a prompt or piped in with "-"',
      options: (command) =>
        waitOptions(outputOption(command))
          .option('--as <name>', 'our name for the peer (default: its own)')
          .option('--yes', 'confirm it at once: only when the invite came over a channel you trust')
          .addHelpText('after', addExamples),
      load: async () => (await import('./add.ts')).addPeer,
    }),
    verb(cli, {
      usage: 'list',
      summary: 'List peers and their links',
      options: outputOption,
      load: async () => (await import('./list.ts')).listPeers,
    }),
    verb(cli, {
      usage: 'show <peer>',
      summary: 'Show a peer: fingerprint, six words, certificates, and how its link was',
      options: outputOption,
      load: async () => (await import('./show.ts')).showPeer,
    }),
    verb(cli, {
      usage: 'confirm <peer>',
      summary: 'Say that the words are the same on both sides',
      options: (command) =>
        waitOptions(outputOption(command))
          .option('--fingerprint <hex>', 'refuse unless this is its fingerprint')
          .option('--yes', 'do not ask'),
      load: async () => (await import('./confirm.ts')).confirmPeer,
    }),
    verb(cli, {
      usage: 'remove <peer>',
      summary: 'Remove a peer; always ends, also when it is away',
      options: (command) =>
        outputOption(command)
          .addOption(
            new Option(
              '--executing-apps <choice>',
              'its apps that run here (default: delete)',
            ).choices(['delete', 'keep']),
          )
          .addOption(
            new Option('--remote-apps <choice>', 'our apps that run there (default: keep)').choices(
              ['forget', 'keep'],
            ),
          )
          .option('--yes', 'do not ask'),
      load: async () => (await import('./remove.ts')).removePeer,
    }),
  ])
}

const addExamples = `
Examples:
  porpulsion peer add                                   asks for the invite, without echo
  ssh other porpulsion invite create | porpulsion peer add - --yes`
