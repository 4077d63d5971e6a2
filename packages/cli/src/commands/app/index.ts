/** Apps that we run at peers. */
import { Option, type Command } from 'commander'
import { collect, noun, verb, type Cli } from '../../command.ts'
import { outputOption } from '../../output/format.ts'
import { waitOptions } from '../../wait/options.ts'
import { configCommand } from './config/index.ts'

export function appCommand(cli: Cli): Command {
  return noun('app', 'Run apps at peers', [
    verb(cli, {
      usage: 'deploy [app]',
      summary: 'Run an app at a peer',
      takesRest: true,
      options: (command) =>
        specOptions(inNamespace(waitOptions(outputOption(command))))
          .option('--peer <name>', 'the peer that shall run it')
          .option('-f, --file <file>', 'manifests of apps; "-" is stdin')
          .addOption(
            new Option(
              '--dry-run <who>',
              'ask the peer what it would say, and make nothing',
            ).choices(['peer']),
          )
          .addHelpText('after', deployExamples),
      load: async () => (await import('./deploy.ts')).deployApp,
    }),
    verb(cli, {
      usage: 'list',
      summary: 'List apps',
      options: (command) =>
        inNamespace(outputOption(command)).option('--peer <name>', 'only those at this peer'),
      load: async () => (await import('./list.ts')).listApps,
    }),
    verb(cli, {
      usage: 'get <app>',
      summary: 'Show an app, its conditions and its pods',
      options: (command) => inNamespace(outputOption(command)),
      load: async () => (await import('./get.ts')).getApp,
    }),
    verb(cli, {
      usage: 'logs <app>',
      summary: 'Print the logs of the pods at the peer',
      options: (command) =>
        inNamespace(command)
          .option('-f, --follow', 'keep printing, across restarts and lost links')
          .option('--tail <lines>', 'only the last lines of each pod')
          .option('--since <duration>', 'only lines of the last 10m, 2h, …')
          .option('--previous', 'of the run before the last restart')
          .option('--pod <name>', 'of one pod')
          .option('--timestamps', 'with the time of each line')
          .option('--prefix', 'name the pod on each line, also when there is only one'),
      load: async () => (await import('./logs.ts')).printLogs,
    }),
    verb(cli, {
      usage: 'exec <app>',
      summary: 'Run a command in a pod at the peer; its exit code becomes ours',
      takesRest: true,
      options: (command) =>
        inNamespace(command)
          .option('--pod <name>', 'in this pod (default: the first ready one)')
          .option('-c, --container <name>', 'in this container (default: the first one)')
          .option('-i, --stdin', 'pass stdin on')
          .option('-t, --tty', 'in a terminal, with -i for shells and editors')
          .addHelpText('after', execExamples),
      load: async () => (await import('./exec.ts')).execInApp,
    }),
    verb(cli, {
      usage: 'port-forward <app> <ports...>',
      summary: 'Make ports of the app local ones, for databases and everything that speaks TCP',
      options: (command) =>
        inNamespace(command)
          .option(
            '--address <address>',
            'local address to listen on; may be repeated, or have commas (default: localhost)',
            collect,
          )
          .addHelpText('after', portForwardExamples),
      load: async () => (await import('./port-forward.ts')).forwardPorts,
    }),
    verb(cli, {
      usage: 'scale <app>',
      summary: 'Set the number of pods',
      options: (command) =>
        inNamespace(waitOptions(outputOption(command))).requiredOption(
          '--replicas <count>',
          'number of pods; 0 stops the app and keeps it',
        ),
      load: async () => (await import('./scale.ts')).scaleApp,
    }),
    verb(cli, {
      usage: 'update [app]',
      summary: 'Change some fields of an app, or all of it with -f',
      takesRest: true,
      options: (command) =>
        specOptions(inNamespace(waitOptions(outputOption(command))))
          .option('-f, --file <file>', 'manifests that replace the specs; "-" is stdin')
          .addHelpText('after', updateExamples),
      load: async () => (await import('./update.ts')).updateApp,
    }),
    configCommand(cli),
    verb(cli, {
      usage: 'history <app>',
      summary: 'List the last ten specs of an app; "*" is the current one',
      options: (command) => inNamespace(outputOption(command)),
      load: async () => (await import('./history.ts')).printHistory,
    }),
    verb(cli, {
      usage: 'rollback <app>',
      summary: 'Make an earlier spec of an app the newest one',
      options: (command) =>
        inNamespace(waitOptions(outputOption(command))).option(
          '--to <revision>',
          'a number from "app history" (default: the one before)',
        ),
      load: async () => (await import('./rollback.ts')).rollBackApp,
    }),
    verb(cli, {
      usage: 'top <app>',
      summary: 'Show what the pods use, where the cluster of the peer measures it',
      options: (command) => inNamespace(outputOption(command)),
      load: async () => (await import('./top.ts')).printUsage,
    }),
    verb(cli, {
      usage: 'restart <app>',
      summary: 'Replace every pod, one after the other',
      options: (command) => inNamespace(waitOptions(outputOption(command))),
      load: async () => (await import('./restart.ts')).restartApp,
    }),
    verb(cli, {
      usage: 'delete <apps...>',
      summary: 'Delete apps, here and at the peer',
      options: (command) =>
        inNamespace(waitOptions(outputOption(command))).option(
          '--force',
          'do not wait for a peer that is away; it cleans up when it is back',
        ),
      load: async () => (await import('./delete.ts')).deleteApps,
    }),
    verb(cli, {
      usage: 'url <app>',
      summary: 'Print a URL that opens a port of the app for ten minutes',
      options: (command) =>
        inNamespace(outputOption(command))
          .option('--port <port>', 'number or name (default: the first TCP port)')
          .option('--path <path>', 'path to open (default: /)')
          .option('--api', 'the URL under /api/, for programs that cannot resolve *.localhost'),
      load: async () => (await import('./url.ts')).printUrl,
    }),
  ])
}

const inNamespace = (command: Command): Command =>
  command.option('-n, --namespace <name>', 'namespace of the app (default: of the context)')

const specOptions = (command: Command): Command =>
  command
    .option('--image <image>', 'container image')
    .option('--replicas <count>', 'number of pods')
    .option('--port <[name:]number>', 'port the app listens on; may be repeated', collect)
    .option('--expose <port>', 'serve a port in this cluster too; may be repeated', collect)
    .option('--env <name=value>', 'environment variable; may be repeated', collect)
    .option('--config <name:/dir=file>', 'mount a file into a directory; may be repeated', collect)
    .option('--secret <name:/dir=file>', 'the same, kept as a secret; may be repeated', collect)
    .option('--cpu <quantity>', 'CPU of a pod, requested and at most: 250m, 1')
    .option('--memory <quantity>', 'memory of a pod, requested and at most: 128Mi, 1Gi')
    .option('--readiness-path <path>', 'path that answers 200 when a pod can work (first port)')
    .option('--label <name=value>', 'label for the pods; may be repeated', collect)
    .option('--command <word>', 'replaces the entrypoint; repeated for its words', collect)

const deployExamples = `
Examples:
  porpulsion app deploy web --peer b --image porpulsion/hello --port 8080 --replicas 2 --wait
  porpulsion app deploy job --peer b --image alpine --command sh -- -c 'echo hi; sleep 60'
  porpulsion app deploy -f examples/remoteapp.yaml`

const execExamples = `
Examples:
  porpulsion app exec web -it -- sh
  porpulsion app exec web -- env
  porpulsion app exec db -i -- psql < schema.sql`

const portForwardExamples = `
Examples:
  porpulsion app port-forward db 5432                local 5432 leads to 5432 of the app
  porpulsion app port-forward web 8080:80 9090:admin several at once; ports of the app by number or name
  porpulsion app port-forward web :80                any free local port
  porpulsion app port-forward web 80 --address 0.0.0.0`

const updateExamples = `
Examples:
  porpulsion app update web --image porpulsion/hello:2 --wait
  porpulsion app update web --env GREETING=hi --env DEBUG-       a trailing "-" removes one
  porpulsion app update -f examples/remoteapp.yaml`
