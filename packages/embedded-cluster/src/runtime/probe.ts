/** One look at a container: did it answer as its probe asks? */
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import type { Container, HTTPGetAction, Probe } from 'kubernetes-types/core/v1.js'
import type { ExecResult } from './container-runtime.ts'

export type ProbeVerdict = { readonly ok: true } | { readonly ok: false; readonly message: string }

export interface ProbeTarget {
  readonly container: Container
  readonly podIP: string
  readonly exec: (command: readonly string[], timeoutMs: number) => Promise<ExecResult>
}

/** Kubernetes reads no more of an answer than this. */
const maxBodyBytes = 10 * 1024

export async function runProbe(probe: Probe, target: ProbeTarget): Promise<ProbeVerdict> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000
  if (probe.httpGet) return httpGet(probe.httpGet, target, timeoutMs)
  if (probe.tcpSocket) {
    const { host = target.podIP, port } = probe.tcpSocket
    return tcpSocket(host, portNumber(port, target.container), timeoutMs)
  }
  if (probe.exec) {
    const { exitCode, output } = await target.exec(probe.exec.command ?? [], timeoutMs)
    return exitCode === 0 ? { ok: true } : failed(output === '' ? `exit code ${exitCode}` : output)
  }
  return failed('the embedded cluster probes with httpGet, tcpSocket and exec only')
}

/** 0, where nothing can listen, for a name the container does not have. */
function portNumber(port: number | string, { ports = [] }: Container): number {
  const number = Number(port)
  return Number.isInteger(number)
    ? number
    : (ports.find(({ name }) => name === port)?.containerPort ?? 0)
}

function httpGet(
  action: HTTPGetAction,
  target: ProbeTarget,
  timeoutMs: number,
): Promise<ProbeVerdict> {
  const { host = target.podIP, path = '/', httpHeaders = [], scheme = 'HTTP' } = action
  const headers = Object.fromEntries([
    ['user-agent', 'kube-probe/embedded'],
    ['accept', '*/*'],
    ...httpHeaders.map(({ name, value }) => [name, value]),
  ]) as Record<string, string>
  const options = {
    host,
    port: portNumber(action.port, target.container),
    path: path.startsWith('/') ? path : `/${path}`,
    headers,
    agent: false,
    signal: AbortSignal.timeout(timeoutMs),
    // A probe asks whether the container serves, not who it is.
    rejectUnauthorized: false,
  }
  return new Promise((resolve) => {
    const request = (scheme === 'HTTPS' ? httpsRequest : httpRequest)(options, (response) => {
      const { statusCode: status = 0 } = response
      response.on('error', () => undefined)
      let length = 0
      response.on('data', (chunk: Buffer) => {
        length += chunk.length
        if (length > maxBodyBytes) response.destroy()
      })
      response.once('close', () =>
        resolve(
          status >= 200 && status < 400
            ? { ok: true }
            : failed(`HTTP probe failed with statuscode: ${status}`),
        ),
      )
    })
    request.once('error', (error) => resolve(failed(requestProblem(error, options))))
    request.end()
  })
}

function requestProblem(
  error: Error,
  { host, port, path }: { host: string; port: number; path: string },
): string {
  const isTimeout = error.name === 'TimeoutError' || error.name === 'AbortError'
  const why = isTimeout
    ? 'context deadline exceeded (timeout while awaiting the answer)'
    : error.message
  return `Get "http://${host}:${port}${path}": ${why}`
}

function tcpSocket(host: string, port: number, timeoutMs: number): Promise<ProbeVerdict> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs })
    const end = (verdict: ProbeVerdict): void => {
      socket.destroy()
      resolve(verdict)
    }
    socket.once('connect', () => end({ ok: true }))
    socket.once('timeout', () => end(failed(`dial tcp ${host}:${port}: i/o timeout`)))
    socket.once('error', (error) => end(failed(`dial tcp ${host}:${port}: ${error.message}`)))
  })
}

function failed(message: string): ProbeVerdict {
  return { ok: false, message: message.slice(0, 1024) }
}
