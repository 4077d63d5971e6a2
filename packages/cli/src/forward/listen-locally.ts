import { once } from 'node:events'
import { createServer, isIPv6, type AddressInfo, type Server, type Socket } from 'node:net'
import { PorpulsionError } from '@porpulsion/contract'

/** Of one listener; those beyond are ended at once. The agent has a bound of its own for all together. */
const maxConnections = 1_024
/** A free port of one address may be taken at another. */
const maxAttempts = 5

/**
 * A local port at every address given; 0 is any that is free at all of them. `localhost` is 127.0.0.1, and ::1 where the
 * machine has it. Connections come paused. Throws `LocalPortUnavailable`, and leaves nothing open then.
 */
export async function listenLocally(
  addresses: readonly string[],
  port: number,
  onConnection: (socket: Socket) => void,
): Promise<readonly Server[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await listenAtAll(addresses, port, onConnection)
    } catch (error) {
      const mayGoElsewhere = port === 0 && codeOf(error) === 'EADDRINUSE' && attempt < maxAttempts
      if (!mayGoElsewhere) throw error
    }
  }
}

async function listenAtAll(
  addresses: readonly string[],
  port: number,
  onConnection: (socket: Socket) => void,
): Promise<readonly Server[]> {
  const servers: Server[] = []
  let chosen = port
  try {
    for (const { host, mayBeMissing } of hostsOf(addresses)) {
      const server = await listen(host, chosen, mayBeMissing, onConnection)
      if (server === undefined) continue
      servers.push(server)
      chosen = (server.address() as AddressInfo).port // listening on TCP
    }
    return servers
  } catch (error) {
    for (const server of servers) server.close()
    throw error
  }
}

const hostsOf = (
  addresses: readonly string[],
): readonly { readonly host: string; readonly mayBeMissing: boolean }[] =>
  addresses.flatMap((address) =>
    address === 'localhost'
      ? [
          { host: '127.0.0.1', mayBeMissing: false },
          { host: '::1', mayBeMissing: true },
        ]
      : [{ host: address, mayBeMissing: false }],
  )

/** Undefined: this machine has no such address, and need not. */
async function listen(
  host: string,
  port: number,
  mayBeMissing: boolean,
  onConnection: (socket: Socket) => void,
): Promise<Server | undefined> {
  const server = createServer(
    { allowHalfOpen: true, pauseOnConnect: true, noDelay: true },
    onConnection,
  )
  server.maxConnections = maxConnections
  server.listen({ host, port, ipv6Only: isIPv6(host) })
  try {
    await once(server, 'listening')
    return server
  } catch (error) {
    if (mayBeMissing && isMissing(error)) return undefined
    throw unavailable(host, port, error)
  }
}

const isMissing = (error: unknown): boolean =>
  ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'].includes(codeOf(error) ?? '')

function codeOf(error: unknown): string | undefined {
  const { code, cause } = error as { code?: unknown; cause?: unknown } // of Node, or ours with it as its cause
  if (cause !== undefined) return codeOf(cause)
  return typeof code === 'string' ? code : undefined
}

function unavailable(host: string, port: number, cause: unknown): PorpulsionError {
  const where = `${isIPv6(host) ? `[${host}]` : host}:${port}`
  return new PorpulsionError(
    'FailedPrecondition',
    'LocalPortUnavailable',
    `Cannot listen on ${where}: ${reasons[codeOf(cause) ?? ''] ?? String(cause)}`,
    { cause },
  )
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'something else on this machine does already; name another local port, or :PORT for any that is free',
  EACCES: 'your user may not use that port; name one from 1024 on',
  EADDRNOTAVAIL: 'this machine has no such address',
}
