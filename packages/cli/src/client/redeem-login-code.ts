import {
  endpoints,
  fromProblem,
  PorpulsionError,
  type Problem,
  type SessionInfo,
} from '@porpulsion/contract'
import { httpTransport, readText, type Transport } from './transport.ts'

export interface RedeemedLogin {
  /** `porpulsion-ab12cd34=…`, to be sent back as it is. */
  readonly cookie: string
  readonly session: SessionInfo
}

/** The one exchange whose answer is a header: the session's cookie. */
export async function redeemLoginCode(
  url: string,
  code: string,
  signal: AbortSignal,
  transport: Transport = httpTransport,
): Promise<RedeemedLogin> {
  const { method, path } = endpoints.login
  const response = await transport({
    method,
    url: new URL(path, url),
    headers: { 'content-type': 'application/json', origin: new URL(url).origin },
    body: JSON.stringify({ code }),
    signal,
  })
  const answer: unknown = JSON.parse(await readText(response))
  if (response.statusCode !== endpoints.login.status) throw fromProblem(answer as Problem)
  const cookie = response.headers['set-cookie']?.[0]?.split(';')[0]
  if (cookie === undefined) throw noCookie(url)
  return { cookie, session: answer as SessionInfo }
}

const noCookie = (url: string): PorpulsionError =>
  new PorpulsionError(
    'ProtocolViolation',
    'NotAnAgent',
    `${url} took the code, but opened no session`,
  )
