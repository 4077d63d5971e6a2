import { once } from 'node:events'
import { createServer, request, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { FakeClock } from '@porpulsion/kube/testing'
import { expect, onTestFinished, test } from 'vitest'
import { StreamAgent } from './stream-agent.ts'

test('while the clock is set back nothing kept is used: nobody knows for how long it has been', async () => {
  const app = createServer((_request, response) => void response.end('x')).listen(0, '127.0.0.1')
  onTestFinished(() => app.closeAllConnections())
  onTestFinished(() => void app.close())
  await once(app, 'listening')
  const { port } = app.address() as AddressInfo // listens on TCP
  const time = new FakeClock()
  let backMs = 0
  const clock = {
    now: () => time.now() - backMs,
    setTimeout: (callback: () => void, delayMs: number) => time.setTimeout(callback, delayMs),
  }
  let opened = 0
  const agent = new StreamAgent(async () => {
    opened++
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return socket
  }, clock)
  const ask = async (): Promise<void> => {
    const asked = request({ agent, headers: { host: 'app' } }).end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    answer.resume()
    await once(asked, 'close')
  }
  await ask()
  await ask()
  expect(opened).toBe(1)
  backMs = 3_600_000
  await ask()
  expect(opened).toBe(2)
  agent.destroy()
})
