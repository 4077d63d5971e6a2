/** `porpulsion cluster`: runs an embedded cluster in this process. */
import type { Command } from 'commander'
import { verb, type Cli } from '../../command.ts'

export function clusterCommand(cli: Cli): Command {
  return verb(cli, {
    usage: 'cluster',
    summary: 'Run an embedded cluster: a small Kubernetes for a machine that has none',
    options: (command) =>
      command
        .option('--name <name>', 'name of the cluster (default: embedded)')
        .option('--data-dir <dir>', 'where it keeps its state (default: ./porpulsion-data)')
        .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
        .option('--port <port>', 'port of its API server (default: 6443)')
        .option(
          '--kubeconfig <file>',
          'write a kubeconfig for it there (default: in the data directory)',
        )
        .option(
          '--allow-host-processes',
          'let pods name commands of this machine, which run with your rights',
        ),
    load: async () => (await import('./cluster.ts')).runCluster,
  })
}
