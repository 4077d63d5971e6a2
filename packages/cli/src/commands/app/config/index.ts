/** The files of an app: those of its configMaps and secrets. */
import type { Command } from 'commander'
import { collect, noun, verb, type Cli } from '../../../command.ts'
import { outputOption } from '../../../output/format.ts'
import { waitOptions } from '../../../wait/options.ts'

export function configCommand(cli: Cli): Command {
  return noun('config', 'The files an app is given', [
    verb(cli, {
      usage: 'get <app> [file]',
      summary: 'List the files of an app, or print one of them (NAME/KEY)',
      options: (command) =>
        inNamespace(outputOption(command)).option(
          '--show-secrets',
          'with the values of secrets (takes an operator)',
        ),
      load: async () => (await import('./get.ts')).getConfig,
    }),
    verb(cli, {
      usage: 'set <app> [changes...]',
      summary: 'Set files (NAME/KEY=VALUE) and remove them (NAME/KEY-); the pods are replaced',
      options: (command) =>
        inNamespace(waitOptions(command))
          .option(
            '--from-file <name/key=file>',
            'set a file to what is in this one, "-" is stdin; may be repeated',
            collect,
          )
          .option(
            '--remove <name[/key]>',
            'remove a file, or all of a name; may be repeated',
            collect,
          )
          .option(
            '--mount <name:/dir>',
            'where the files of a name appear; new names need it',
            collect,
          )
          .option('--secret', 'a name that is new is a secret')
          .addHelpText('after', examples),
      load: async () => (await import('./set.ts')).setConfig,
    }),
  ])
}

const inNamespace = (command: Command): Command =>
  command.option('-n, --namespace <name>', 'namespace of the app (default: of the context)')

const examples = `
Examples:
  porpulsion app config set web site/motd='Back at nine' site/old.txt- --wait
  porpulsion app config set web --from-file keys/password=- --secret --mount keys:/etc/keys
  porpulsion app config set web site-                             removes the name and all its files`
