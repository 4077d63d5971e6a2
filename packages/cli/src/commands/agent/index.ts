/** `porpulsion agent`: runs an agent in this process. What the flags mean is the agent's; here they only get names. */
import { Option, type Command } from 'commander'
import { collect, verb, type Cli } from '../../command.ts'

export function agentCommand(cli: Cli): Command {
  const agent = verb(cli, {
    usage: 'agent',
    summary: 'Run an agent: the process that makes a cluster a peer',
    options: (command) =>
      logOptions(listenOptions(clusterOptions(command))).addHelpText('after', help),
    load: async () => (await import('./agent.ts')).runAgent,
  })
  return agent.addCommand(retireCommand(cli))
}

function retireCommand(cli: Cli): Command {
  return verb(cli, {
    usage: 'retire',
    summary: 'Let go of what an agent that is uninstalled would hold back; apps go on running',
    options: (command) =>
      command.option(
        '--deployment <name>',
        'Deployment of the agent, which is stopped first (default: none)',
      ),
    load: async () => (await import('./retire.ts')).retireAgent,
  })
}

const clusterOptions = (command: Command): Command =>
  command
    .option('--name <name>', 'how it introduces itself to peers (PORPULSION_AGENT_NAME)')
    .option('--in-cluster', 'its cluster is the one this process runs in')
    .option('--kubeconfig <file>', 'its cluster is the one of this kubeconfig')
    .option('--kube-context <name>', 'context of the kubeconfig (default: the current one)')
    .option('--embedded', 'its cluster is an embedded one, in this process')
    .option(
      '--data-dir <dir>',
      'where the embedded cluster keeps its state (default: ./porpulsion-data)',
    )
    .option('--namespace <name>', "namespace of the agent's own state (default: porpulsion)")

const listenOptions = (command: Command): Command =>
  command
    .option(
      '--self-url <url>',
      'where peers reach it; without, it dials them (PORPULSION_SELF_URL)',
    )
    .option('--host <address>', 'address to listen on (default: 127.0.0.1; in a cluster 0.0.0.0)')
    .option('--dashboard-port <port>', 'page and API (default: 8000)')
    .option('--peer-port <port>', 'what peers reach (default: 8001)')
    .option('--allowed-host <name>', 'further Host header it answers to; may be repeated', collect)
    .option(
      '--proxy-domain <domain>',
      'apps appear at <port>--<app>--<namespace>.<domain> (default: localhost)',
    )
    .option(
      '--trusted-proxy <cidr>',
      'proxy whose X-Forwarded-For is believed; may be repeated',
      collect,
    )
    .option('--pods-reachable', 'pods can be dialled by their addresses from here')

const logOptions = (command: Command): Command =>
  command
    .option('--admin-token-file <file>', 'the first start leaves an admin token there')
    .option(
      '--audit-file <file>',
      'where the audit trail is written, on a volume (default: to the log)',
    )
    .addOption(
      new Option('--log-level <level>', 'how much it logs (default: info)').choices([
        'trace',
        'debug',
        'info',
        'warn',
        'error',
        'silent',
      ]),
    )

const help = `
Exactly one of --in-cluster, --kubeconfig and --embedded: an ambient kubeconfig is never used.`
