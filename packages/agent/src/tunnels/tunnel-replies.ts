import type { IncomingMessage, ServerResponse } from 'node:http'
import { toProblem, type PorpulsionError } from '@porpulsion/contract'
import { problemHeaders } from '../api/index.ts'
import { isNavigation } from './tunnel-door.ts'

/** Our own words in an app's place: for a person a page, for a program a problem document. */
export function replyWithError(
  request: IncomingMessage,
  response: ServerResponse,
  error: PorpulsionError,
): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const problem = toProblem(error)
  const isPage = request.method === 'GET' && isNavigation(request.headers)
  const body = isPage ? page(error) : JSON.stringify(problem)
  // What of the request's body is still to come is nobody's: the connection cannot be used again.
  if (!request.complete) response.shouldKeepAlive = false
  response.writeHead(problem.status, {
    ...problemHeaders(problem),
    ...(isPage && { 'content-type': 'text/html; charset=utf-8' }),
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'content-length': Buffer.byteLength(body),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

/** 303 unless the method matters. Tickets are in these: nobody may keep one. */
export function redirect(
  response: ServerResponse,
  status: 303 | 307,
  location: string,
  setCookie?: string,
): void {
  response.writeHead(status, {
    location: withinOrigin(location),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'content-length': 0,
    ...(setCookie !== undefined && { 'set-cookie': setCookie }),
  })
  response.end()
}

/** A path that begins with two slashes would be read as another host. */
const withinOrigin = (location: string): string =>
  /^[/\\]{2}/.test(location) ? `/.${location}` : location

const page = ({ message, code }: PorpulsionError): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Porpulsion</title>
<h1>This app cannot be shown</h1>
<p>${escapeHtml(message)}</p>
<p><small>${escapeHtml(code)}</small></p>
</html>
`

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
