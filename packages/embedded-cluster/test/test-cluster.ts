/** A cluster's API over plain HTTP, without workloads, and a small client that shows what is on the wire. */
import { onTestFinished } from 'vitest'
import {
  type EmbeddedCluster,
  type EmbeddedClusterOptions,
  startEmbeddedCluster,
} from '../src/index.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Json
}

/** JSON of an answer; tests know what they asked for. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- asserting on answers reads best without casts
export type Json = any

export interface CallOptions {
  readonly body?: unknown
  readonly type?: string
  readonly accept?: string
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface TestApi {
  readonly cluster: EmbeddedCluster
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<Answer>
  /** Lines of a watch, as they come. */
  readonly watch: (path: string, options?: CallOptions) => AsyncGenerator<Json>
}

export async function aCluster(options: EmbeddedClusterOptions = {}): Promise<TestApi> {
  const cluster = await startEmbeddedCluster({ tls: false, workloads: false, ...options })
  onTestFinished(() => cluster.stop())
  const request = (method: string, path: string, options: CallOptions): Promise<Response> => {
    const { body, type = 'application/json', accept = 'application/json', token } = options
    return fetch(`${cluster.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token ?? cluster.token}`,
        accept,
        'user-agent': 'tester/1.0',
        ...(body !== undefined && { 'content-type': type }),
        ...options.headers,
      },
      ...(body !== undefined && { body: encode(body) }),
    })
  }
  return {
    cluster,
    async call(method, path, options = {}) {
      const response = await request(method, path, options)
      const text = await response.text()
      const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
      return {
        status: response.status,
        headers: response.headers,
        // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- Json, for the reason given there
        body: isJson ? JSON.parse(text) : text,
      }
    },
    async *watch(path, options = {}) {
      const response = await request('GET', path, options)
      let rest = ''
      for await (const chunk of response.body ?? []) {
        const lines = (rest + Buffer.from(chunk).toString('utf8')).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) yield JSON.parse(line)
      }
    },
  }
}

function encode(body: unknown): string | Uint8Array {
  return typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
}

/** The first `count` events of a watch, which is then closed. */
export async function take(events: AsyncGenerator<Json>, count: number): Promise<Json[]> {
  const taken: Json[] = []
  for await (const event of events) {
    taken.push(event)
    if (taken.length === count) break
  }
  return taken
}

export const configMaps = '/api/v1/namespaces/default/configmaps'
export const deployments = '/apis/apps/v1/namespaces/default/deployments'

export function aConfigMap(name: string, data: Record<string, string> = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data }
}

export function aDeployment(name: string, replicas = 1): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image: 'porpulsion/hello' }] },
      },
    },
  }
}
