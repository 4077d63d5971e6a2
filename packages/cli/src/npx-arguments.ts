/**
 * `npx --no porpulsion --context a peer list`: npm takes `--context` for an option of its own, and leaves us
 * `a peer list`. It tells so in the environment, so the flag can be put back where it stood.
 */
export function withNpxArguments(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const isSwallowed = env['npm_command'] === 'exec' && env['npm_config_context'] === 'true'
  return isSwallowed && !args.includes('--context') ? ['--context', ...args] : args
}
