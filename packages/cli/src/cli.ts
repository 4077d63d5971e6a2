import { Command, CommanderError } from 'commander'
import { agentCommand } from './commands/agent/index.ts'
import { appCommand } from './commands/app/index.ts'
import { auditCommand } from './commands/audit/index.ts'
import { clusterCommand } from './commands/cluster/index.ts'
import { contextCommand } from './commands/context/index.ts'
import { demoCommand } from './commands/demo/index.ts'
import { approvalCommand } from './commands/approval/index.ts'
import { inviteCommand } from './commands/invite/index.ts'
import { loginCommand } from './commands/login/index.ts'
import { notificationCommand } from './commands/notification/index.ts'
import { identityCommand } from './commands/identity/index.ts'
import { peerCommand } from './commands/peer/index.ts'
import { settingsCommand } from './commands/settings/index.ts'
import { sessionCommand } from './commands/session/index.ts'
import { statusCommand } from './commands/status/index.ts'
import { tokenCommand } from './commands/token/index.ts'
import { usageCommand } from './commands/usage/index.ts'
import { userCommand } from './commands/user/index.ts'
import { versionCommand } from './commands/version/index.ts'
import type { Cli, GlobalFlags } from './command.ts'
import type { Io } from './io.ts'
import { version } from './version.ts'

const usageExitCode = 2

/** Runs one command line and returns the exit code of `errorKindMeanings`; never throws. */
export async function runCli(argv: readonly string[], io: Io): Promise<number> {
  const dashes = argv.indexOf('--')
  const ours = dashes < 0 ? argv : argv.slice(0, dashes)
  let exitCode = 0
  const program = createProgram({
    io,
    rest: dashes < 0 ? [] : argv.slice(dashes + 1),
    exitWith: (code) => {
      exitCode = code
    },
  })
  try {
    await program.parseAsync(ours, { from: 'user' })
    return exitCode
  } catch (error) {
    // Commander has printed its message already; help and version are not failures.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageExitCode
    const { reportError } = await import('./output/error-report.ts')
    return reportError(io, error, program.opts<GlobalFlags>())
  }
}

export function createProgram(cli: Cli): Command {
  const { io } = cli
  const program = new Command('porpulsion')
    .description('Kubernetes clusters that run each other’s workloads')
    .option('--context <name>', 'which agent to talk to (default: the current context)')
    .option('--debug', 'show the stack of an error')
    .option('--no-color', 'no colours (NO_COLOR does the same)')
    .version(version, '--version', 'show the version of this program alone')
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, print) => print(text.replace(/\n*$/, '\n')),
    })
  const commands = [
    demoCommand,
    statusCommand,
    appCommand,
    peerCommand,
    identityCommand,
    inviteCommand,
    approvalCommand,
    notificationCommand,
    settingsCommand,
    usageCommand,
    loginCommand,
    contextCommand,
    userCommand,
    sessionCommand,
    tokenCommand,
    auditCommand,
    agentCommand,
    clusterCommand,
    versionCommand,
  ]
  for (const create of commands) adopt(program, create(cli))
  return program
}

/** Commander hands its settings down only to commands it made itself. */
function adopt(parent: Command, child: Command): void {
  parent.addCommand(child)
  settle(parent, child)
}

function settle(parent: Command, child: Command): void {
  child.copyInheritedSettings(parent)
  child.showHelpAfterError(`Run "${pathOf(parent)} ${child.name()} --help" for what is possible.`)
  for (const grandchild of child.commands) settle(child, grandchild)
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}
