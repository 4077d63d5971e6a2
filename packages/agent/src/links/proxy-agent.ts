import { Agent, request as httpRequest, type ClientRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type Socket } from 'node:net'
import { connect, type ConnectionOptions } from 'node:tls'
import type { Duplex } from 'node:stream'

interface Target extends ConnectionOptions {
  readonly host?: string
  readonly port?: number
  /** Set by https. */
  readonly secureEndpoint?: boolean
}

type Created = (error: Error | null, socket?: Duplex) => void

/** Connections through an HTTP proxy, by CONNECT: the proxy sees where to, and TLS. */
export class ProxyAgent extends Agent {
  readonly #proxy: URL
  readonly #isSecure: boolean
  /** What `https` checks an agent for. */
  readonly protocol: string

  constructor(proxy: string, isSecure: boolean) {
    super()
    this.#proxy = new URL(proxy)
    this.#isSecure = isSecure
    this.protocol = isSecure ? 'https:' : 'http:'
  }

  override createConnection(target: Target, created: Created): undefined {
    const authority = `${target.host ?? ''}:${target.port ?? (this.#isSecure ? 443 : 80)}`
    const request = this.#connect(authority)
    request.once('connect', (answer, socket) => {
      if (answer.statusCode === 200) {
        created(null, this.#isSecure ? secured(socket, target) : socket)
        return
      }
      socket.destroy()
      const status = answer.statusCode ?? 0
      created(
        new Error(`The proxy ${this.#proxy.host} refused to connect to ${authority}: ${status}`),
      )
    })
    request.once('error', (error) => created(error))
    request.end()
  }

  #connect(authority: string): ClientRequest {
    const { protocol, hostname, port, username, password } = this.#proxy
    const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)
    const authorization =
      username === '' ? {} : { 'proxy-authorization': `Basic ${login.toString('base64')}` }
    return (protocol === 'https:' ? httpsRequest : httpRequest)({
      host: hostname,
      port,
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...authorization },
    })
  }
}

function secured(socket: Socket, { host = '', ca, rejectUnauthorized }: Target): Duplex {
  return connect({
    socket,
    host,
    // SNI carries names only.
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
  })
}
