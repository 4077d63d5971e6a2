import { createClient, type Client } from './client/client.ts'
import type { GlobalFlags } from './command.ts'
import { contextFilePath, readContexts } from './config/context-file.ts'
import { findContext, type Context } from './config/contexts.ts'
import type { Io } from './io.ts'

export interface Connection {
  readonly client: Client
  readonly context: Context
}

/** The agent that `--context`, or the current context, names. */
export async function connect(io: Io, flags: GlobalFlags): Promise<Connection> {
  const context = findContext(await readContexts(await contextFilePath(io)), flags.context)
  return { context, client: clientOf(io, context) }
}

export function clientOf(io: Io, { url, token }: Pick<Context, 'url' | 'token'>): Client {
  const credential =
    token === undefined ? ({ kind: 'none' } as const) : ({ kind: 'token', token } as const)
  return createClient({ url, credential, signal: io.signal })
}

/** What `-n` says, or the context. Left out, the agent looks everywhere it may. */
export function namespaceQuery(
  { namespace }: { readonly namespace?: string },
  context: Context,
): { namespace?: string } {
  const chosen = namespace ?? context.namespace
  return chosen === undefined ? {} : { namespace: chosen }
}
