import { isPorpulsionError, type Login } from '@porpulsion/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { LOGIN_SCRIPT_PATH, loginPage, loginScript, notSignedInPage } from './login-page.ts'

/** A form with a few short fields. */
const MAX_FORM_BYTES = 4 * 1024

/** No name, code or password is longer. */
const MAX_FIELD = 1_024

/** `GET /login?code=…`, and the form on it. Without a code the page of the dashboard answers. */
export function addLoginRoutes(
  app: FastifyInstance,
  signIn: (login: Login, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
  withoutCode: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: MAX_FORM_BYTES },
    (_request, body, done) => done(null, new URLSearchParams(body.toString())),
  )

  app.get('/login', async (request, reply) => {
    const code = codeIn(request.query)
    if (code === undefined) return await withoutCode(request, reply)
    return html(reply, 200, loginPage(code))
  })

  app.get(LOGIN_SCRIPT_PATH, (_request, reply) =>
    reply
      .type('text/javascript; charset=utf-8')
      .header('cache-control', 'no-cache')
      .send(loginScript),
  )

  app.post('/login', { bodyLimit: MAX_FORM_BYTES }, async (request, reply) => {
    try {
      await signIn(loginIn(request.body), request, reply)
    } catch (error) {
      // A person looks at this answer; a program posts to /api/login.
      if (!isPorpulsionError(error) || error.kind === 'Internal') throw error
      const { kind, message } = error
      return html(reply, kind === 'LimitExceeded' ? 429 : 401, notSignedInPage(message))
    }
    return reply.code(303).header('location', '/').header('cache-control', 'no-store').send()
  })
}

/** What is missing is as wrong as any other wrong one. */
function loginIn(body: unknown): Login {
  const form = body instanceof URLSearchParams ? body : new URLSearchParams()
  const field = (name: string): string => (form.get(name) ?? '').slice(0, MAX_FIELD)
  return form.has('user')
    ? { user: field('user'), password: field('password') }
    : { code: field('code') }
}

function codeIn(query: unknown): string | undefined {
  const code = (query as Readonly<Record<string, unknown>>)['code'] // an object, says Fastify
  return typeof code === 'string' && code !== '' ? code : undefined
}

const html = (reply: FastifyReply, status: number, body: string): FastifyReply =>
  reply.code(status).type('text/html; charset=utf-8').header('cache-control', 'no-store').send(body)
