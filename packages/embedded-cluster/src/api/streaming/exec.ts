/** The exec subresource of pods. */
import { notFound } from '../../registry/api-error.ts'
import { Kinds } from '../../registry/kinds.ts'
import type { ApiContext } from '../api-context.ts'
import type { ApiRequest, ApiResponse } from '../api-request.ts'
import { keyOf, type Target } from '../target.ts'
import { joined, wantedStreams } from './joined-command.ts'

export async function execInPod(
  context: ApiContext,
  target: Target,
  request: ApiRequest,
): Promise<ApiResponse> {
  const { query } = request
  const key = keyOf(target)
  const pod = context.registry.get(Kinds.Pod, key)
  if (pod === undefined) throw notFound(target.resource, key.name)
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
