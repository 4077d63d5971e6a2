import { connect, type AddressInfo, type Socket } from 'node:net'
import { createServer } from 'node:tls'
import { onTestFinished } from 'vitest'

export interface WebMiddle {
  readonly url: string
  /** What came from clients, connection by connection, without the TLS around it. */
  readonly recorded: readonly Buffer[][]
  /** Everything that passed, both ways, without the TLS around it. */
  seen(): Buffer
}

/**
 * Ends the outer TLS with a certificate and passes on what it finds inside: an ingress, or somebody who got hold of
 * a certificate for that name. `rewrite` sees the head of each request, up to its blank line.
 */
export async function aWebMiddle(
  targetPort: number,
  certificate: { readonly key: string; readonly cert: string },
  rewrite: (head: string) => string = (head) => head,
): Promise<WebMiddle> {
  const recorded: Buffer[][] = []
  const all: Buffer[] = []
  const sockets = new Set<Socket>()
  const server = createServer(certificate, (client) => {
    const target = connect({ port: targetPort, host: '127.0.0.1' })
    const own: Buffer[] = []
    recorded.push(own)
    let isHead = true
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(from)
      from.on('error', () => undefined)
      from.on('close', () => to.destroy())
      from.on('data', (bytes: Buffer) => {
        all.push(bytes)
        if (from === client) own.push(bytes)
        const isRequest = from === client && isHead
        if (isRequest) isHead = false
        // A request as short as ours comes in one piece.
        to.write(isRequest ? Buffer.from(rewrite(bytes.toString('latin1')), 'latin1') : bytes)
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo // listening on TCP
  return { url: `https://127.0.0.1:${port}`, recorded, seen: () => Buffer.concat(all) }
}
