import { isPorpulsionError, type LoginByCode } from '@porpulsion/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { LOGIN_SCRIPT_PATH, loginPage, loginScript, messagePage } from './login-page.ts'

/** A form with one short field. */
const MAX_FORM_BYTES = 4 * 1024

/** `GET /login?code=…`, and the form on it. Without a code the page of the dashboard answers. */
export function addLoginRoutes(
  app: FastifyInstance,
  signIn: (login: LoginByCode, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
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
    const code = request.body instanceof URLSearchParams ? (request.body.get('code') ?? '') : ''
    try {
      await signIn({ code }, request, reply)
    } catch (error) {
      // A person looks at this answer; a program posts to /api/login.
      if (!isPorpulsionError(error) || error.kind === 'Internal') throw error
      const { kind, message } = error
      return html(
        reply,
        kind === 'LimitExceeded' ? 429 : 401,
        messagePage('Not signed in', message),
      )
    }
    return reply.code(303).header('location', '/').header('cache-control', 'no-store').send()
  })
}

function codeIn(query: unknown): string | undefined {
  const code = (query as Readonly<Record<string, unknown>>)['code'] // an object, says Fastify
  return typeof code === 'string' && code !== '' ? code : undefined
}

const html = (reply: FastifyReply, status: number, body: string): FastifyReply =>
  reply.code(status).type('text/html; charset=utf-8').header('cache-control', 'no-store').send(body)
