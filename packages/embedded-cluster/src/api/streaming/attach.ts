/** The attach subresource of pods: the streams of the program that a container runs. */
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
  const wanted = wantedStreams(request)
  const start = await context.pods.openAttach(pod, { ...(container !== '' && { container }) })
  return joined(context, request, wanted, start)
}
