/** A client of exec and attach as the protocol has it: one byte for the channel, then the bytes. */
import { once } from 'node:events'
import type { Status } from 'kubernetes-types/meta/v1.js'
import { WebSocket } from 'ws'
import type { TestApi } from '../test-cluster.ts'

export interface ExecClientOptions {
  readonly protocol?: string
  readonly token?: string
  readonly stdin?: boolean
  readonly tty?: boolean
}

export const stdinChannel = 0
const resizeChannel = 4

export class ExecClient {
  readonly socket: WebSocket
  readonly #output: Readonly<Record<number, Buffer[]>> = { 1: [], 2: [], 3: [] }
  readonly #closed: Promise<unknown>

  /** Resolves once the server has switched protocols; rejects with its answer if it has not. */
  static open(
    api: TestApi,
    pod: string,
    command: readonly string[],
    options: ExecClientOptions = {},
  ): Promise<ExecClient> {
    const query = new URLSearchParams(command.map((word): [string, string] => ['command', word]))
    return ExecClient.#connect(api, `${pod}/exec`, query, options)
  }

  /** The same, to what the pod runs itself. */
  static attach(api: TestApi, pod: string, options: ExecClientOptions = {}): Promise<ExecClient> {
    return ExecClient.#connect(api, `${pod}/attach`, new URLSearchParams(), options)
  }

  static async #connect(
    { cluster }: TestApi,
    path: string,
    query: URLSearchParams,
    options: ExecClientOptions,
  ): Promise<ExecClient> {
    const { protocol = 'v5.channel.k8s.io', token = cluster.token, stdin, tty } = options
    query.set('stdout', 'true')
    query.set('stderr', 'true')
    if (stdin === true) query.set('stdin', 'true')
    if (tty === true) query.set('tty', 'true')
    const url = `${cluster.url}/api/v1/namespaces/default/pods/${path}?${query.toString()}`
    const socket = new WebSocket(url.replace(/^http/, 'ws'), protocol, {
      headers: { authorization: `Bearer ${token}` },
    })
    const client = new ExecClient(socket)
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
      socket.once('unexpected-response', (_request, response) => {
        response.setEncoding('utf8').once('data', (text: string) => reject(new Error(text)))
      })
    })
    return client
  }

  private constructor(socket: WebSocket) {
    this.socket = socket
    this.#closed = once(socket, 'close').catch(() => undefined)
    socket.on('message', (data: Buffer) => {
      this.#output[data[0] ?? -1]?.push(data.subarray(1))
    })
  }

  get stdout(): Buffer {
    return Buffer.concat(this.#output[1] ?? [])
  }

  get stderr(): Buffer {
    return Buffer.concat(this.#output[2] ?? [])
  }

  send(channel: number, payload: string | Uint8Array): void {
    this.socket.send(Buffer.concat([Buffer.of(channel), Buffer.from(payload)]))
  }

  resize(columns: number, rows: number): void {
    this.send(resizeChannel, JSON.stringify({ Width: columns, Height: rows }))
  }

  endStdin(): void {
    this.socket.send(Buffer.of(255, stdinChannel))
  }

  /** Resolves with what the server said of the end. */
  async status(): Promise<Status> {
    await this.#closed
    return JSON.parse(Buffer.concat(this.#output[3] ?? []).toString()) as Status
  }

  /** Resolves once stdout has this in it. */
  async says(text: string): Promise<void> {
    while (!this.stdout.includes(text)) await once(this.socket, 'message')
  }
}
