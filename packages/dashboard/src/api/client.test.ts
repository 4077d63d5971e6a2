import { endpoints } from '@porpulsion/contract'
import { afterEach, expect, test, vi } from 'vitest'
import { call, stream, urlOf } from './client.ts'

afterEach(() => vi.unstubAllGlobals())

/** What the agent answers next; returns what it was asked. */
function agentAnswers(answer: () => Response | Promise<Response>): Request[] {
  const asked: Request[] = []
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    asked.push(new Request(new URL(url, 'http://agent'), init))
    return Promise.resolve().then(answer)
  })
  return asked
}

/** A body that arrives in these pieces, and then ends or breaks. */
function pieces(parts: readonly string[], end: 'ends' | 'breaks' = 'ends'): Response {
  const bytes = parts.map((part) => new TextEncoder().encode(part))
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = bytes.shift()
      if (next !== undefined) controller.enqueue(next)
      else if (end === 'ends') controller.close()
      else controller.error(new TypeError('network error'))
    },
  })
  return new Response(body)
}

const line = (text: string): string =>
  JSON.stringify({ pod: 'web-1', time: '2026-01-01T00:00:00Z', line: text })

async function readLines(): Promise<string[]> {
  const lines: string[] = []
  for await (const item of stream(endpoints.streamRemoteAppLogs, { params: { id: 'web' } }))
    lines.push(item.line)
  return lines
}

test('parameters are encoded, fields that are not set are left out', () => {
  const input = { params: { id: 'shop,a/b c' }, query: { force: true, namespace: undefined } }
  expect(urlOf(endpoints.deleteRemoteApp, input)).toBe('/api/remoteapp/shop%2Ca%2Fb%20c?force=true')
})

test('a body goes as JSON, a request without one has no content type', async () => {
  const asked = agentAnswers(() => Response.json({}))
  await call(endpoints.scaleRemoteApp, { params: { id: 'web' }, body: { replicas: 2 } })
  await call(endpoints.restartRemoteApp, { params: { id: 'web' } })
  expect(await asked[0]?.json()).toEqual({ replicas: 2 })
  expect(asked[0]?.headers.get('content-type')).toBe('application/json')
  expect(asked[1]?.headers.get('content-type')).toBeNull()
})

test('a problem document becomes the error it stands for, with its fields', async () => {
  const problem = {
    type: 'about:blank',
    title: 'Invalid',
    status: 422,
    code: 'InvalidRequest',
    detail: 'spec.image: is required',
    errors: [{ path: 'spec.image', message: 'is required' }],
  }
  agentAnswers(() => Response.json(problem, { status: 422 }))
  await expect(call(endpoints.listPeers)).rejects.toMatchObject({
    kind: 'Invalid',
    code: 'InvalidRequest',
    message: 'spec.image: is required',
    fields: [{ path: 'spec.image', message: 'is required' }],
  })
})

test('an error page of something in between is named by its status', async () => {
  agentAnswers(() => new Response('<h1>Bad Gateway</h1>', { status: 502 }))
  await expect(call(endpoints.listPeers)).rejects.toThrow('502')
})

test('an agent that does not answer is unavailable; our own abort stays an abort', async () => {
  agentAnswers(() => Promise.reject(new TypeError('Failed to fetch')))
  await expect(call(endpoints.listPeers)).rejects.toMatchObject({
    kind: 'Unavailable',
    code: 'AgentUnreachable',
  })
  agentAnswers(() => Promise.reject(new DOMException('stopped', 'AbortError')))
  await expect(call(endpoints.listPeers, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    name: 'AbortError',
  })
})

test('lines are put together however they are cut, also within a character', async () => {
  const text = `${line('eins')}\n${line('zwölf')}\n`
  const bytes = new TextEncoder().encode(text)
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
      controller.close()
    },
  })
  agentAnswers(() => new Response(body))
  expect(await readLines()).toEqual(['eins', 'zwölf'])
})

test('a stream that breaks off says that the agent is away, after the lines that came', async () => {
  agentAnswers(() => pieces([`${line('eins')}\n`, '{"pod":'], 'breaks'))
  await expect(readLines()).rejects.toMatchObject({ code: 'AgentUnreachable' })
})
