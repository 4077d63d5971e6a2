import type { Readable, Writable } from 'node:stream'

/** Everything of the process that a command may touch. Tests pass their own. */
export interface Io {
  readonly stdin: Readable & {
    readonly isTTY?: boolean
    /** Keys come one by one, none is taken by the terminal. */
    readonly setRawMode?: (raw: boolean) => unknown
    /** In raw mode: what is written to the terminal reaches it as it is. Raw mode takes that along when it ends. */
    readonly passOutputOn?: () => void
  }
  /** Emits `resize` when the size of a terminal changes. */
  readonly stdout: Writable & {
    readonly isTTY?: boolean
    readonly columns?: number
    readonly rows?: number
  }
  readonly stderr: Writable & { readonly isTTY?: boolean }
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Fires on Ctrl-C and friends: finish in good order. */
  readonly signal: AbortSignal
  /** How to start this very program again, as another process. */
  readonly self: { readonly command: string; readonly args: readonly string[] }
  /** Tells whoever started this process that it does its work now. */
  readonly announceReady: () => void
  readonly now: () => number
}

/** Resolves once the stream took it: a slow reader of a long log slows us, it does not fill our memory. */
function write(stream: Writable, text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}

/** Bytes as they are. */
export const writeBytes = (stream: Writable, bytes: Uint8Array): Promise<void> =>
  write(stream, bytes)

/** A line on stdout: the result, for people and programs. */
export const printLine = (io: Io, line: string): Promise<void> => write(io.stdout, `${line}\n`)

/** A line on stderr: progress, hints and errors, never part of the result. */
export const noteLine = (io: Io, line: string): Promise<void> => write(io.stderr, `${line}\n`)
