/** The exec subresource of pods. */
import type { ApiContext } from '../api-context.ts'
import type { ApiRequest, ApiResponse } from '../api-request.ts'
import { podOf } from '../pod-target.ts'
import type { Target } from '../target.ts'
import { joined, wantedStreams } from './joined-command.ts'

export async function execInPod(
  context: ApiContext,
  target: Target,
  request: ApiRequest,
): Promise<ApiResponse> {
  const { query } = request
  const pod = podOf(context, target)
  const container = query.get('container') ?? ''
  const wanted = wantedStreams(request)
  const start = await context.pods.openExec(pod, {
    ...(container !== '' && { container }),
    command: query.getAll('command'),
    stdin: wanted.stdin,
    tty: wanted.tty,
  })
  return joined(context, request, wanted, start)
}
