/** An agent with nothing behind it: it serves the built page, lists of any length, and as many events as it is told to. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  GROUP_VERSION,
  type AgentStatus,
  type ApiEvent,
  type Peer,
  type RemoteApp,
  type SessionInfo,
  type Usage,
} from '@porpulsion/contract'

/** As `npm run build` leaves it. */
const page = fileURLToPath(new URL('../../packages/cli/dist/dashboard', import.meta.url))

const mediaTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

export interface FakeAgent {
  readonly url: string
  /** To every page that listens. */
  send(event: ApiEvent): void
  close(): Promise<void>
}

export interface FakeLists {
  readonly peers?: readonly Peer[]
  readonly remoteApps?: readonly RemoteApp[]
  /** By path as the endpoint table has it (`/api/peer/:name`); these go before what the fake would say itself. */
  readonly answers?: Readonly<Record<string, unknown>>
}

export async function startFakeAgent(lists: FakeLists): Promise<FakeAgent> {
  const answers = answersOf(lists)
  const listeners = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    if (pathname === '/api/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
      response.write(': hello\n\n')
      listeners.add(response)
      response.on('close', () => listeners.delete(response))
    } else if (pathname.startsWith('/api/')) {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answerFor(answers, pathname) ?? { items: [] }))
    } else void sendFile(request, pathname, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('It has no port')
  let sent = 0
  return {
    url: `http://127.0.0.1:${address.port}`,
    send(event) {
      const message = `id: ${++sent}\ndata: ${JSON.stringify(event)}\n\n`
      for (const listener of listeners) listener.write(message)
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function answerFor(answers: Readonly<Record<string, unknown>>, pathname: string): unknown {
  const path = Object.keys(answers).find((known) => {
    const segments = known.split('/')
    const asked = pathname.split('/')
    return (
      segments.length === asked.length &&
      segments.every((segment, at) => segment.startsWith(':') || segment === asked[at])
    )
  })
  return path === undefined ? undefined : answers[path]
}

function answersOf({
  peers = [],
  remoteApps = [],
  answers = {},
}: FakeLists): Readonly<Record<string, unknown>> {
  const session: SessionInfo = { user: 'admin', role: 'admin', via: 'session' }
  const status: AgentStatus = {
    name: 'a',
    fingerprint: 'a'.repeat(64),
    version: '0.0.0',
    cluster: { kind: 'embedded', ready: true },
    namespace: 'porpulsion',
    startedAt: new Date().toISOString(),
    peers: { total: peers.length, connected: peers.length },
    remoteApps: { total: remoteApps.length, ready: remoteApps.length },
    executingApps: { total: 0, ready: 0 },
    notifications: { unacknowledged: 0 },
  }
  const usage: Usage = {
    all: {
      used: { apps: 0, pods: 0, cpu: '0', memory: '0', storage: '0' },
      limits: { apps: 0, pods: 0, cpu: '', memory: '', storage: '' },
    },
    peers: [],
  }
  const list = (kind: string, items: readonly unknown[]): object => ({
    apiVersion: GROUP_VERSION,
    kind,
    items,
  })
  return {
    '/api/session': session,
    '/api/status': status,
    '/api/peers': list('PeerList', peers),
    '/api/remoteapps': list('RemoteAppList', remoteApps),
    '/api/usage': usage,
    ...answers,
  }
}

/** A path that is no file is a place in the page. Compressed as the build left it, as the real agent sends it. */
async function sendFile(
  request: IncomingMessage,
  pathname: string,
  response: ServerResponse,
): Promise<void> {
  const path = join(page, normalize(pathname))
  const file = path.startsWith(page) && (await isFile(path)) ? path : join(page, 'index.html')
  const accepted = String(request.headers['accept-encoding'])
  const isBrotli = accepted.includes('br') && (await isFile(`${file}.br`))
  response.writeHead(200, {
    'content-type': mediaTypes[extname(file)] ?? 'text/plain',
    ...(isBrotli && { 'content-encoding': 'br' }),
  })
  createReadStream(isBrotli ? `${file}.br` : file).pipe(response)
}

const isFile = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isFile() ?? false
