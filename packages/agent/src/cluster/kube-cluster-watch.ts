import type { AgentStatus } from '@porpulsion/contract'
import type { KubeClient } from '@porpulsion/kube'
import { createTasks, sleep, type Clock, type Logger } from '../observability/index.ts'

type ClusterStatus = AgentStatus['cluster']

export interface ClusterWatch {
  status(): ClusterStatus
  start(): void
  stop(): Promise<void>
}

const intervalMs = 10_000
const timeoutMs = 5_000

/** Asks the API server now and then how it is: for readiness and the status page, not for any decision. */
export function createClusterWatch(deps: {
  readonly client: KubeClient
  readonly clock: Clock
  readonly logger: Logger
}): ClusterWatch {
  const { client, clock, logger } = deps
  const tasks = createTasks(logger)
  let status: ClusterStatus = { kind: 'kubernetes', ready: true }

  async function look(signal: AbortSignal): Promise<void> {
    try {
      const { body } = await client.request({ method: 'GET', path: '/version', signal, timeoutMs })
      const version = gitVersion(JSON.parse(body))
      if (!status.ready) logger.info('The API server answers again')
      status = { kind: kindOf(version), ready: true, ...(version !== undefined && { version }) }
    } catch (err) {
      if (signal.aborted) return
      if (status.ready) logger.warn({ err }, 'The API server does not answer')
      const message = `The API server does not answer: ${err instanceof Error ? err.message : String(err)}`
      status = { ...status, ready: false, message }
    }
  }

  return {
    status: () => status,
    start() {
      tasks.run('watch-cluster', async (signal) => {
        while (!signal.aborted) {
          await look(signal)
          await sleep(clock, intervalMs, signal)
        }
      })
    },
    stop: () => tasks.stop(),
  }
}

/** The embedded cluster says so in its version, as distributions of Kubernetes do. */
const kindOf = (version: string | undefined): ClusterStatus['kind'] =>
  version?.endsWith('+porpulsion') === true ? 'embedded' : 'kubernetes'

function gitVersion(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('gitVersion' in body)) return undefined
  return typeof body.gitVersion === 'string' ? body.gitVersion : undefined
}
