/** Callers that claim to be some agent, and try to prove it with what they have. */
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { proofOfDial } from '../../src/links/dial-proof.ts'
import { secureAsDialler } from '../../src/links/inner-tls.ts'
import { WebSocketDuplex } from '@porpulsion/streams'
import type { Identity, Leaf, OwnCa } from '../../src/peers/index.ts'

interface Host {
  readonly url: string
  readonly identity: Identity
}

/** Who has this certificate may say so: it is public. */
export const claiming = ({
  caCertificateDer,
}: Pick<OwnCa, 'caCertificateDer'>): Record<string, string> => ({
  'x-agent-ca': caCertificateDer.toString('base64'),
})

/** … by who has the key as well. Each a millisecond after the one before, because a proof counts once. */
export function signing(ca: OwnCa, acceptor: string, laterMs: number): Record<string, string> {
  const time = new Date(Date.now() + laterMs).toISOString()
  const proof = proofOfDial({ time, dialler: ca.fingerprint, acceptor }, (bytes) => ca.sign(bytes))
  return { ...claiming(ca), 'x-agent-time': time, 'x-agent-proof': proof }
}

/** An upgrade as some agent's, whoever sends it. Resolves with the open WebSocket or the status that refused it. */
export async function upgrade(
  host: Pick<Host, 'url'>,
  headers: Record<string, string>,
): Promise<WebSocket | number> {
  const socket = new WebSocket(`${host.url}/ws`, 'porpulsion.v1', { headers })
  onTestFinished(() => socket.terminate())
  socket.on('error', () => undefined)
  return await new Promise((resolve) => {
    socket.once('open', () => resolve(socket))
    socket.once('unexpected-response', (_request, { statusCode }) => {
      resolve(statusCode ?? 0)
      socket.terminate()
    })
  })
}

/** How the host ended a WebSocket of who claims to be `claimed` and shows `leaf` in the inner TLS. */
export async function prove(
  host: Host,
  claimed: Pick<OwnCa, 'caCertificateDer'>,
  leaf: Leaf,
): Promise<number> {
  const socket = await upgrade(host, claiming(claimed))
  if (typeof socket === 'number') throw new Error(`Refused with ${socket}`)
  const closed = once(socket, 'close') as Promise<[number, Buffer]>
  const duplex = new WebSocketDuplex(socket)
  // Whether the caller believes to be in says nothing: in TLS 1.3 it is done before the host has judged it.
  await secureAsDialler(duplex, { leaf, ...host.identity }).catch(() => undefined)
  const [code] = await closed
  return code
}
