/**
 * One HTTP exchange over node:http. The built-in `fetch` ends a body that is silent for five minutes, which is what
 * the log of a quiet app is.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'

export interface TransportRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: AbortSignal
}

/** Resolves with the head of the response; whoever gets it reads or destroys the body. */
export type Transport = (request: TransportRequest) => Promise<IncomingMessage>

export const httpTransport: Transport = ({ method, url, headers, body, signal }) =>
  new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const request = send(url, { method, headers: { ...headers, ...lengthOf(body) }, signal })
    request.once('response', (response) => {
      // Also told when the caller aborts while nobody reads: without a listener that would end the process.
      response.on('error', () => undefined)
      resolve(response)
    })
    request.once('error', reject)
    request.end(body)
  })

function lengthOf(body: string | undefined): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
}

/** A whole body as text. An agent's answers are bounded; what exceeds the bound did not come from one. */
export async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBodyBytes) {
      response.destroy()
      throw new Error(`the answer is longer than ${maxBodyBytes} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

const maxBodyBytes = 256 * 1024 * 1024
