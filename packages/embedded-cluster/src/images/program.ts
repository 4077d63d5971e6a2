/** What a sample program gets from whoever runs it: the process runtime, or a real container. */
interface ProgramContext {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Fires on SIGTERM and SIGINT: end in good order, the grace period is running. */
  readonly signal: AbortSignal
  /** To be called once the program does its work. */
  readonly started: () => void
}

/** Resolves to the exit code once the program is done. */
export type Program = (context: ProgramContext) => Promise<number>
