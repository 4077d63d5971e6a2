/** Signing in to an agent: turns a one-time link, or a token, into a context. */
import type { Command } from 'commander'
import { verb, type Cli } from '../../command.ts'

export function loginCommand(cli: Cli): Command {
  return verb(cli, {
    usage: 'login [url]',
    summary:
      'Sign in here with a one-time link or a token; without URL, print a link for a browser',
    options: (command) =>
      command
        .option('--as <name>', 'name of the context (default: the name of the agent)')
        .addHelpText('after', examples),
    load: async () => (await import('./login.ts')).login,
  })
}

const examples = `
Examples:
  porpulsion login 'http://127.0.0.1:8000/login?code=…'     a link the agent printed
  porpulsion login http://127.0.0.1:8000 < token-file       an API token
  porpulsion login                                          prints a link to open in a browser`
