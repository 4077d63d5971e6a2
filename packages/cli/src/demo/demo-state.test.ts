import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { prepareDemoState } from './demo-state.ts'
import { demoLayout, type DemoLayout } from './layout.ts'
import { loopbackPorts, type PortFinder } from './ports.ts'

async function anEmptyDemo(): Promise<DemoLayout> {
  const dir = await mkdtemp(join(tmpdir(), 'porpulsion-demo-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return demoLayout(dir)
}

/** Ports from 50000 on are free, except for those named. */
function portsBut(...busy: number[]): PortFinder {
  let next = 50_000
  return {
    isFree: (port) => Promise.resolve(!busy.includes(port)),
    anyFree: () => Promise.resolve(next++),
  }
}

test('two clusters have six different ports', async () => {
  const { members } = await prepareDemoState(await anEmptyDemo(), 2, portsBut())
  expect(members.map(({ name }) => name)).toEqual(['a', 'b'])
  expect(new Set(members.flatMap(({ ports }) => Object.values(ports))).size).toBe(6)
})

test('a port that is taken is replaced, and the replacement stays over a resume', async () => {
  const layout = await anEmptyDemo()
  const preferred = await prepareDemoState(await anEmptyDemo(), 2, portsBut())
  const busy = preferred.members[0]!.ports.dashboard
  const first = await prepareDemoState(layout, 2, portsBut(busy))
  expect(first.members[0]!.ports.dashboard).toBe(50_000)
  // The count is decided once, when a demo is made.
  expect(await prepareDemoState(layout, 3, portsBut())).toEqual(first)
})

test('a port in use on this machine is found out', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => {
    server.close()
  })
  const { port } = server.address() as AddressInfo // listening on TCP
  expect(await loopbackPorts.isFree(port)).toBe(false)
  const other = await loopbackPorts.anyFree()
  expect(other).not.toBe(port)
  expect(await loopbackPorts.isFree(other)).toBe(true)
})
