/** An agent that is told to end: what is under way may end, nothing new is taken, and it is gone in time. */
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { followNumbers } from '../support/numbered-lines.ts'
import { linked, openPair, type Pair } from '../support/pair.ts'
import { report } from '../support/report.ts'

/** Ten seconds for what is under way, and what ending in good order takes. */
const MAX_END_MS = 15_000
const DOWNLOAD_BYTES = 24 * 1024 * 1024
const DOWNLOAD_MS = 4_000

let pair: Pair
beforeAll(async () => {
  pair = await openPair()
  const deploy = ['app', 'deploy', '--peer', 'b', '--wait']
  await pair.a.cli.out([...deploy, 'web', '--image', 'porpulsion/hello', '--port', '8080'])
  const ticker = [...deploy, 'ticks', '--image', 'porpulsion/ticker']
  await pair.a.cli.out([...ticker, '--', '--interval-ms', '100'])
})
afterAll(() => pair.close())

/** Reads a body at a pace, as a slow line would; its length in the end. */
async function readSlowly(answer: IncomingMessage): Promise<number> {
  let bytes = 0
  const started = performance.now()
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length
    const dueMs = (bytes / DOWNLOAD_BYTES) * DOWNLOAD_MS - (performance.now() - started)
    if (dueMs > 10) await wait(dueMs)
  }
  return bytes
}

test.each(['b', 'a'] as const)(
  'when %s is told to end, requests and downloads under way are not cut, and logs go on',
  async (who) => {
    const { a } = pair
    const member = pair[who]
    const logs = followNumbers(a.cli.start(['app', 'logs', 'ticks', '--follow', '--tail', '1']))
    const command = a.cli.start([
      'app',
      'exec',
      'web',
      '--',
      'sh',
      '-c',
      'echo on; sleep 3; echo off',
    ])
    const said: string[] = []
    if (command.stdout === null) throw new Error('The command has no output')
    createInterface(command.stdout).on('line', (line) => said.push(line))
    const commandEnded = once(command, 'exit')
    await eventually('logs and command run', 20_000, () => {
      expect([logs.numbers.length > 0, said]).toEqual([true, ['on']])
      return Promise.resolve()
    })
    const slow = a.openApp('web', '/slow?ms=4000')
    const download = readSlowly(await a.openApp('web', `/bytes/${DOWNLOAD_BYTES}`))
    await wait(300)

    const ended = member.terminate()
    await wait(500)
    // With the side that takes nothing new there is no connection; with the other, an answer that says when to return.
    const refused = await a.openApp('web', '/').catch((error: unknown) => String(error))
    if (who === 'b') {
      expect(refused).toMatchObject({ statusCode: 503 })
      expect((refused as IncomingMessage).headers['retry-after']).toMatch(/^[12]$/)
    } else expect(refused).toContain('ECONNREFUSED')
    const answer = await slow
    expect([answer.statusCode, await text(answer)]).toEqual([200, '{"delayMs":4000}\n'])
    expect(await download).toBe(DOWNLOAD_BYTES)
    const [commandCode] = (await commandEnded) as [number | null]
    expect([commandCode, said]).toEqual([0, ['on', 'off']])
    const { code, ms } = await ended
    expect(code).toBe(0)

    await member.start()
    const backMs = await linked(pair.a, pair.b)
    if (who === 'b') {
      const last = logs.numbers.at(-1) ?? 0
      await eventually('the log goes on', 20_000, () => {
        expect(logs.numbers.at(-1)).toBeGreaterThan(last + 20)
        return Promise.resolve()
      })
      expect(logs.faults()).toEqual({ missing: 0, repeated: 0 })
    }
    await logs.end()
    report(`draining ${who}`, {
      endedMs: ms,
      code: String(code),
      backMs,
      logLines: logs.numbers.length,
    })
    expect(ms).toBeLessThanOrEqual(MAX_END_MS)
  },
)

test('what does not end is cut when its time is up, and the exit is still clean', async () => {
  const { a, b } = pair
  const endless = await a.openApp('web', '/events?ms=100')
  endless.on('error', () => undefined)
  endless.resume()
  const cut = new Promise((resolve) => endless.once('close', resolve))
  const { code, ms } = await b.terminate()
  await cut
  expect(code).toBe(0)
  expect(ms).toBeGreaterThan(9_000)
  expect(ms).toBeLessThanOrEqual(MAX_END_MS)
  report('draining what never ends', { endedMs: ms, code: String(code) })
  await b.start()
  await linked(a, b)
})
