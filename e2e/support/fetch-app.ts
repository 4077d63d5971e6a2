/** Opens a page of an app through the tunnel, as `porpulsion app url` says. */
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Side } from './side.ts'

export interface Fetched {
  readonly status: number
  readonly body: string
}

export async function fetchFrom(
  side: Pick<Side, 'cli'>,
  app: string,
  path: string,
  method = 'GET',
): Promise<Fetched> {
  const response = await openFrom(side, app, path, method)
  return { status: response.statusCode ?? 0, body: await text(response) }
}

/** The answer while it comes. */
export async function openFrom(
  side: Pick<Side, 'cli'>,
  app: string,
  path: string,
  method = 'GET',
): Promise<IncomingMessage> {
  const origin = new URL((await side.cli('app', 'url', app)).trim())
  const ticket = origin.searchParams.get('porpulsion-ticket') ?? ''
  return new Promise((resolve, reject) => {
    // Names below `localhost` are not resolved everywhere: the address as a number, the name as Host.
    const call = request(
      {
        host: '127.0.0.1',
        port: origin.port,
        path,
        method,
        headers: { host: origin.host, 'x-porpulsion-ticket': ticket },
      },
      resolve,
    )
    call.on('error', reject)
    call.end()
  })
}
