import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type Socket } from 'node:net'
import { connect as tlsConnect, type ConnectionOptions } from 'node:tls'
import type { buildConnector } from 'undici'

export interface ProxyConnectOptions {
  readonly tls: ConnectionOptions
  readonly timeoutMs: number
}

/** How undici gets a connection to the API server through an HTTP proxy. */
export function connectThroughProxy(
  proxyUrl: string,
  { tls, timeoutMs }: ProxyConnectOptions,
): buildConnector.connector {
  return ({ hostname, port, protocol }, callback) => {
    const target = { host: hostname, port: Number(port) || (protocol === 'https:' ? 443 : 80) }
    tunnel(new URL(proxyUrl), target, timeoutMs)
      .then((socket) => (protocol === 'https:' ? secured(socket, target.host, tls) : socket))
      .then(
        (socket) => callback(null, socket),
        (error: unknown) =>
          callback(error instanceof Error ? error : new Error(String(error)), null),
      )
  }
}

/** CONNECT host:port; resolves with the raw connection behind the proxy. */
export function tunnel(
  proxy: URL,
  target: { readonly host: string; readonly port: number },
  timeoutMs: number,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const authority = `${target.host}:${target.port}`
    const request = (proxy.protocol === 'https:' ? httpsRequest : httpRequest)({
      host: proxy.hostname,
      port: proxy.port,
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...proxyAuthorization(proxy) },
      timeout: timeoutMs,
    })
    request.once('connect', (answer, socket) => {
      if (answer.statusCode === 200) {
        resolve(socket)
        return
      }
      socket.destroy()
      reject(
        new Error(
          `The proxy ${proxy.host} refused CONNECT ${authority}: ${answer.statusCode ?? ''}`,
        ),
      )
    })
    request.once('timeout', () =>
      request.destroy(new Error(`The proxy ${proxy.host} did not answer within ${timeoutMs} ms`)),
    )
    request.once('error', reject)
    request.end()
  })
}

/** TLS to `host` over a connection that already leads there. */
export function secured(socket: Socket, host: string, tls: ConnectionOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const secure = tlsConnect({
      socket,
      // SNI carries names only; node refuses an address there.
      ...(isIP(host) === 0 && { servername: host }),
      host,
      ...tls,
    })
    secure.once('secureConnect', () => {
      secure.off('error', reject)
      resolve(secure)
    })
    secure.once('error', reject)
  })
}

function proxyAuthorization(proxy: URL): { 'proxy-authorization'?: string } {
  if (proxy.username === '') return {}
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}
