/**
 * A web server that shows what reached it and does on demand what makes proxies and probes sweat. `GET /` lists it all.
 *
 * Listens at `HOST` (all addresses if unset) on `--port` (repeatable), else `PORT`, else 8080. With `--append PATH=TEXT`
 * (repeatable) it only adds lines to files and ends: an init container that prepares a volume.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { appendLine } from './append-line.ts'
import { answerTo, type HelloState } from './hello-routes.ts'
import { acceptEchoSockets } from './hello-echo.ts'
import type { Program } from './program.ts'

/** Answers still under way when the container is told to stop get this long. */
const drainMs = 3_000

export const hello: Program = async ({ args, env, signal, started }) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', multiple: true },
      /** What the page says. */
      message: { type: 'string', default: env['MESSAGE'] ?? 'Hello' },
      append: { type: 'string', multiple: true },
    },
  })
  if (values.append !== undefined) {
    for (const wish of values.append) appendLine(wish, env['POD_ROOT'] ?? '/')
    return 0
  }
  const ports = values.port ?? [env['PORT'] ?? '8080']
  const state: HelloState = { healthy: true, message: values.message, env, stopping: signal }
  const servers = await Promise.all(
    ports.map((port) => listen(state, Number(port), env['HOST'], signal)),
  )
  started()
  await aborted(signal)
  await drain(servers)
  return 0
}

async function listen(
  state: HelloState,
  port: number,
  host: string | undefined,
  signal: AbortSignal,
): Promise<Server> {
  const server = createServer({ requestTimeout: 0 }, (request, response) => {
    logRequest(request, response)
    answerTo(request, response, state)
  })
  acceptEchoSockets(server, signal)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, ...(host !== undefined && { host }) }, resolve)
  })
  const { address, port: actual } = server.address() as AddressInfo // listening on TCP: never a string
  process.stdout.write(
    `Listening on http://${address.includes(':') ? `[${address}]` : address}:${actual}\n`,
  )
  return server
}

function logRequest(request: IncomingMessage, response: ServerResponse): void {
  const since = Date.now()
  response.once('close', () => {
    const { method = '', url = '' } = request
    process.stdout.write(`${method} ${url} ${response.statusCode} ${Date.now() - since} ms\n`)
  })
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

async function drain(servers: readonly Server[]): Promise<void> {
  // Connections become idle as their answers end, and would then be kept for the next request.
  const idle = setInterval(() => servers.forEach((server) => server.closeIdleConnections()), 20)
  const closed = servers.map(
    (server) => new Promise<void>((resolve) => server.close(() => resolve())),
  )
  // Not for ever: who holds a WebSocket or uploads a body may have gone to sleep.
  const late = new Promise<void>((resolve) => setTimeout(resolve, drainMs))
  await Promise.race([Promise.all(closed), late])
  clearInterval(idle)
  servers.forEach((server) => server.closeAllConnections())
}
