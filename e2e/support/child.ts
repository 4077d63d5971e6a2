/** Programs that tell their parent when they are ready, as all of ours do. */
import { fork, type ChildProcess, type ForkOptions } from 'node:child_process'
import { once } from 'node:events'

export async function forkUntilReady(
  program: string,
  args: readonly string[],
  options: ForkOptions,
  /** For those who want what it says from the first line on. */
  onSpawn: (child: ChildProcess) => void = () => undefined,
): Promise<ChildProcess> {
  const child = fork(program, args, options)
  onSpawn(child)
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error(`${program} ended at its start`))),
  ])
  return child
}

/** Does nothing to one that has ended, or was never started. */
export async function endChild(
  child: ChildProcess | undefined,
  signal: 'SIGKILL' | 'SIGTERM',
): Promise<void> {
  if (child?.exitCode !== null || child.signalCode !== null) return
  child.kill(signal)
  await once(child, 'exit')
}
