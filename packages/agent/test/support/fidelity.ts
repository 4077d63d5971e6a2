import { createHash } from 'node:crypto'
import type { RawMessage } from './raw-message.ts'
import { readMessages } from './raw-message.ts'
import { aRawServer, connectRaw, type RawEnd, type RawServer } from './raw-end.ts'
import { aLinkedTunnel } from './linked-tunnel.ts'
import { web, webHost } from './tunnel.ts'
import {
  answerDifferences,
  asThroughTunnel,
  differencesBelowPath,
  requestDifferences,
  type Way,
} from './tunnel-differences.ts'

/** A client, an app, and what is between them: nothing, or agents and a link. */
export interface Stage {
  readonly client: () => Promise<RawEnd>
  readonly app: RawServer
  readonly host: string
  /** What stands before every path. */
  readonly prefix: string
  /** Header lines every request needs to get through, Host first. */
  readonly opening: string
  readonly isDirect: boolean
}

/** What both ends got to see. */
export interface Transcript {
  readonly requests: readonly RawMessage[]
  readonly answers: readonly RawMessage[]
}

export type Play = (stage: Stage) => Promise<Transcript>

/** A request as it stands on the wire, with what the stage needs to let it through. */
export function requestBytes(stage: Stage, head: string, body = ''): string {
  const [first = '', ...lines] = head.split('\n')
  const [method = '', target = '', version = 'HTTP/1.1'] = first.split(' ')
  const there = target.startsWith('/') ? `${stage.prefix}${target}` : target
  const start = `${method} ${there.replace('{host}', stage.host)} ${version}`
  return [start, stage.opening, ...lines, '', body].join('\r\n')
}

export interface Exchanged {
  /** Request line and headers, a line each. Without Host. */
  readonly request: string
  /** As on the wire, chunks and all. */
  readonly body?: string
  /** The whole answer as on the wire; lines may end in a bare line feed in the head. */
  readonly answer: string
  readonly answerBody?: string
  /** The app ends the connection behind its answer. */
  readonly closes?: boolean
}

/** One request, one answer. */
export const oneExchange =
  ({ request, body = '', answer, answerBody = '', closes = false }: Exchanged): Play =>
  async (stage) => {
    const method = request.split(' ', 1)[0] ?? ''
    const client = await stage.client()
    client.send(requestBytes(stage, request, body))
    const app = await reached(stage, client)
    await app.until((bytes) => isWhole(bytes, 'requests'))
    app.send(wire(answer, answerBody))
    if (closes) app.end()
    await client.until((bytes) => isWhole(bytes, [method]) || client.hasEnded())
    return transcript(client, [method], [app])
  }

/** The app's end, once it is connected. Whoever is answered instead is told with what. */
export function reached(stage: Stage, client: RawEnd): Promise<RawEnd> {
  const answered = async (): Promise<never> => {
    await client.until((bytes) => bytes.length > 0)
    throw new Error(`Answered without the app: ${client.received().toString('latin1')}`)
  }
  return Promise.race([stage.app.accept(), answered()])
}

/** A head with its lines ended as on the wire, and what follows it. */
export const wire = (head: string, body = ''): string =>
  `${head.replace(/\n/g, '\r\n')}\r\n\r\n${body}`

export function isWhole(bytes: Buffer, answersTo: readonly string[] | 'requests'): boolean {
  const messages = readMessages(bytes, answersTo, false)
  const final = messages.filter(({ start }) => !/^HTTP\/1\.[01] 1(?!01)/.test(start))
  const wanted = answersTo === 'requests' ? 1 : answersTo.length
  return final.length >= wanted && final.every((message) => message.isWhole)
}

export function transcript(
  client: RawEnd,
  methods: readonly string[],
  apps: readonly RawEnd[],
): Transcript {
  return {
    requests: apps.flatMap((app) => readMessages(app.received(), 'requests', app.hasEnded())),
    answers: readMessages(client.received(), methods, client.hasEnded()),
  }
}

/** Directly, and through two agents and a link, on both ways an app is reached; each with what may differ there. */
export async function playEverywhere(
  play: Play,
): Promise<readonly { readonly way: string; readonly direct: object; readonly through: object }[]> {
  const app = await aRawServer()
  const tunnel = await aLinkedTunnel(app.port)
  const token = await tunnel.tokenOf('operator')
  // Another port: else the second way would find a connection the first left behind.
  const prefix = `/api/remoteapp/${web.uid}/proxy/9090`
  const ways = [
    { name: 'own origin', host: webHost, opens: `X-Porpulsion-Ticket: ${tunnel.ticket()}` },
    { name: 'below a path', host: 'localhost', opens: `Authorization: Bearer ${token}`, prefix },
  ]
  const played = []
  for (const { name, host, opens, prefix: below = '' } of ways) {
    const direct = await play({
      client: () => connectRaw(app.port),
      app,
      host,
      prefix: '',
      opening: `Host: ${host}`,
      isDirect: true,
    })
    const through = await play({
      client: () => connectRaw(tunnel.port),
      app,
      host,
      prefix: below,
      opening: `Host: ${host}\r\n${opens}`,
      isDirect: false,
    })
    const way = { host, ...(below !== '' && { prefix: below }) }
    played.push({
      way: name,
      direct: shown(expected(direct, way)),
      through: shown(arrived(through)),
    })
  }
  return played
}

function expected({ requests, answers }: Transcript, way: Omit<Way, 'clientVersion'>): Transcript {
  const clientVersion = requests[0]?.start.slice(-3) ?? '1.1'
  const there = { ...way, clientVersion }
  const below = way.prefix === undefined ? [] : differencesBelowPath
  return {
    requests: requests.map((each) => asThroughTunnel(each, requestDifferences, there)),
    answers: answers.map((each) => asThroughTunnel(each, [...answerDifferences, ...below], there)),
  }
}

/** What each hop says of its own connection is no part of the message. */
function arrived({ requests, answers }: Transcript): Transcript {
  return {
    requests,
    answers: answers.map((answer) =>
      answer.start.includes(' 101 ')
        ? answer
        : {
            ...answer,
            headers: answer.headers.filter(
              (line) =>
                !/^(Connection: (keep-alive|close)|Keep-Alive: timeout=\d+|Content-Security-Policy: sandbox)$/.test(
                  line,
                ),
            ),
          },
    ),
  }
}

/** Long bodies by their hash: comparing megabytes member by member takes seconds. */
function shown({ requests, answers }: Transcript): object {
  const text = ({
    start,
    headers,
    framing,
    body,
    trailers,
    isWhole: whole,
  }: RawMessage): string[] => [
    start,
    ...headers,
    `(body: ${framing}, ${whole ? 'whole' : 'broken off'})`,
    body.length <= 1_000
      ? body.toString('latin1')
      : `${body.length} bytes ${createHash('sha256').update(body).digest('hex')}`,
    ...trailers,
  ]
  return { app: requests.map(text), client: answers.map(text) }
}
