import { once } from 'node:events'
import { connect } from 'node:net'
import { onTestFinished } from 'vitest'
import {
  openFaultProxy,
  type FaultProxy,
  type PathShape,
} from '../../../../e2e/support/fault-proxy.ts'

export interface TcpProxy extends FaultProxy {
  readonly url: string
}

/** A man in the middle of a TCP connection on this machine, for as long as the test lasts. With a shape, he takes no notes. */
export async function aTcpProxy(
  targetPort: number,
  shape: Partial<PathShape> = {},
): Promise<TcpProxy> {
  const proxy = await openFaultProxy({
    dial: () => dialLoopback(targetPort),
    shape,
    isRecording: Object.keys(shape).length === 0,
  })
  onTestFinished(() => proxy.close())
  return Object.assign(proxy, { url: `http://127.0.0.1:${proxy.port}` })
}

async function dialLoopback(port: number) {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
  await once(socket, 'connect')
  return socket
}
