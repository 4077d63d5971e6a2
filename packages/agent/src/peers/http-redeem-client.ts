import { PorpulsionError } from '@porpulsion/contract'
import { Agent, ProxyAgent, request, type Dispatcher } from 'undici'
import type { OuterTrust } from './outer-trust.ts'
import {
  maxRedeemBytes,
  redeemTimeoutMs,
  type RedeemAnswer,
  type RedeemClient,
} from './redeem-client.ts'

export interface HttpRedeemClientDeps {
  readonly outerTrust: () => Promise<OuterTrust>
  /** The proxy to go through for this URL, if any. */
  readonly proxyFor: (url: URL) => string | undefined
}

/** Redirects are refused: the bundle says where the inviting agent is, and nobody else may. */
export function createHttpRedeemClient(deps: HttpRedeemClientDeps): RedeemClient {
  return {
    async post(base, body, signal) {
      const url = new URL('peer', base.endsWith('/') ? base : `${base}/`)
      const dispatcher = dispatcherFor(await deps.outerTrust(), deps.proxyFor(url))
      try {
        const timeout = AbortSignal.timeout(redeemTimeoutMs)
        const response = await request(url, {
          dispatcher,
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'application/json' },
          body: JSON.stringify(body),
          signal: AbortSignal.any([signal, timeout]),
        })
        return { status: response.statusCode, body: parsed(await textOf(response)) }
      } catch (cause) {
        signal.throwIfAborted()
        throw new PorpulsionError(
          'Unavailable',
          'PeerUnreachable',
          `No agent answered at ${url.href}: ${describe(cause)}. Check that its peer-facing port can be reached from here`,
          { cause },
        )
      } finally {
        await dispatcher.destroy()
      }
    },
  }
}

function dispatcherFor(trust: OuterTrust, proxy: string | undefined): Dispatcher {
  const tls = {
    rejectUnauthorized: trust.rejectUnauthorized,
    ...(trust.ca !== undefined && { ca: [...trust.ca] }),
  }
  return proxy === undefined
    ? new Agent({ connect: tls })
    : new ProxyAgent({ uri: proxy, requestTls: tls })
}

async function textOf(response: Dispatcher.ResponseData): Promise<string> {
  let text = ''
  response.body.setEncoding('utf8')
  for await (const chunk of response.body as AsyncIterable<string>) {
    text += chunk
    if (text.length > maxRedeemBytes) throw new Error('the answer is too large')
  }
  return text
}

function parsed(text: string): RedeemAnswer['body'] {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  if (cause.name === 'TimeoutError') return `no answer within ${redeemTimeoutMs / 1_000} s`
  // A host with several addresses fails with all their errors and no message of its own.
  return cause instanceof AggregateError ? cause.errors.map(describe).join('; ') : cause.message
}
