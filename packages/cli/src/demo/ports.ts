import { createServer, type AddressInfo } from 'node:net'

export interface PortFinder {
  readonly isFree: (port: number) => Promise<boolean>
  /** Any port that is free now. */
  readonly anyFree: () => Promise<number>
}

/** The preferred port while it is free, else another one. */
export async function takePort(
  preferred: number,
  taken: Set<number>,
  finder: PortFinder,
): Promise<number> {
  let port = preferred
  if (taken.has(port) || !(await finder.isFree(port))) {
    do port = await finder.anyFree()
    while (taken.has(port))
  }
  taken.add(port)
  return port
}

export const loopbackPorts: PortFinder = {
  isFree: async (port) => (await tryListen(port)) !== undefined,
  anyFree: async () => {
    const port = await tryListen(0)
    if (port === undefined) throw new Error('No free port on 127.0.0.1')
    return port
  },
}

function tryListen(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const { port: actual } = server.address() as AddressInfo // listening on TCP: never a string
      server.close(() => resolve(actual))
    })
  })
}
