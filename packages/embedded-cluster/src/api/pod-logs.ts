/** The log subresource of pods. */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { badRequest } from '../registry/api-error.ts'
import type { PodLogOptions } from '../registry/ports.ts'
import type { ApiContext } from './api-context.ts'
import { type ApiRequest, type ApiResponse, booleanParam, integerParam } from './api-request.ts'
import { podOf } from './pod-target.ts'
import type { Target } from './target.ts'

export async function podLogs(
  context: ApiContext,
  target: Target,
  request: ApiRequest,
): Promise<ApiResponse> {
  const pod = podOf(context, target)
  const options = readOptions(request.query, context.clock.now())
  const logs = await context.pods.openLogs(pod, options, request.signal)
  return {
    kind: 'stream',
    send: async (response) => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      // `logs -f` of a silent pod must not look like a server that does not answer.
      response.flushHeaders()
      await pipe(logs, response, request.signal)
    },
  }
}

function readOptions(query: URLSearchParams, nowMs: number): PodLogOptions {
  const flag = (name: string): boolean => query.has(name) && booleanParam(query, name)
  const container = query.get('container') ?? ''
  const tailLines = atLeast(0, query, 'tailLines')
  const limitBytes = atLeast(1, query, 'limitBytes')
  const sinceMs = readSince(query, nowMs)
  return {
    follow: flag('follow'),
    previous: flag('previous'),
    timestamps: flag('timestamps'),
    ...(container !== '' && { container }),
    ...(tailLines !== undefined && { tailLines }),
    ...(limitBytes !== undefined && { limitBytes }),
    ...(sinceMs !== undefined && { sinceMs }),
  }
}

function atLeast(minimum: number, query: URLSearchParams, name: string): number | undefined {
  const value = integerParam(query, name)
  if (value !== undefined && value < minimum) {
    throw badRequest(
      `${name}: Invalid value: ${value}: must be greater than or equal to ${minimum}`,
    )
  }
  return value
}

function readSince(query: URLSearchParams, nowMs: number): number | undefined {
  const seconds = atLeast(1, query, 'sinceSeconds')
  const time = query.get('sinceTime') ?? ''
  if (seconds !== undefined && time !== '') {
    throw badRequest('at most one of `sinceTime` or `sinceSeconds` may be specified')
  }
  if (seconds !== undefined) return nowMs - seconds * 1_000
  if (time === '') return undefined
  const parsed = Date.parse(time)
  if (Number.isNaN(parsed)) throw badRequest(`sinceTime: Invalid value: ${JSON.stringify(time)}`)
  return parsed
}

/** With backpressure: a reader that is slower than the pod slows the reading, not the memory. */
async function pipe(
  logs: AsyncIterable<Uint8Array>,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  for await (const chunk of logs) {
    if (signal.aborted) return
    if (!response.write(chunk)) await once(response, 'drain', { signal })
  }
  response.end()
}
