/**
 * The attach subresource of pods: what a container writes from now on. Programs write to a file that outlives us, and
 * read nothing, so what an attached client types goes nowhere.
 */
import { Readable } from 'node:stream'
import type { CommandSession } from '../../registry/ports.ts'
import type { ApiContext } from '../api-context.ts'
import type { ApiRequest, ApiResponse } from '../api-request.ts'
import { podOf } from '../pod-target.ts'
import type { Target } from '../target.ts'
import { joined, wantedStreams } from './joined-command.ts'

export async function attachToPod(
  context: ApiContext,
  target: Target,
  request: ApiRequest,
): Promise<ApiResponse> {
  const pod = podOf(context, target)
  const container = request.query.get('container') ?? ''
  const left = new AbortController()
  const lines = await context.pods.openLogs(
    pod,
    {
      ...(container !== '' && { container }),
      ...{ follow: true, previous: false, timestamps: false, tailLines: 0 },
    },
    left.signal,
  )
  const start = (): Promise<CommandSession> => Promise.resolve(sessionOf(lines, left))
  return joined(context, request, wantedStreams(request), start)
}

/** It ends as a program that went well: how the container ended stands in the pod, where kubectl looks. */
function sessionOf(lines: AsyncIterable<Uint8Array>, left: AbortController): CommandSession {
  const stdout = Readable.from(lines, { objectMode: false })
  return {
    stdout,
    ended: new Promise((resolve) => {
      stdout.once('close', () => resolve({ kind: 'exited', exitCode: 0 }))
    }),
    resize: () => undefined,
    kill: () => left.abort(),
  }
}
