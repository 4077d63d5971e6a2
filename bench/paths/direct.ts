import type { Path, Pod } from './path.ts'

/** Straight to the pod's address: what pod and client can do at most. */
export function directPath(pod: Pod): Path {
  return {
    path: 'direct',
    host: pod.address,
    port: pod.port,
    headers: {},
    pids: () => [],
    stop: () => undefined,
  }
}
