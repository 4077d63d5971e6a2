import type { Notification } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { fakeAgent } from './fake-agent.ts'
import { run } from './run.ts'

const open: Notification = {
  id: 'n1',
  time: '2026-01-01T00:00:00.000Z',
  reason: 'LinkLost',
  message: 'The link to peer "b" is down',
  severity: 'warning',
  about: { kind: 'Peer', name: 'b' },
  count: 2,
}
const seen: Notification = { ...open, id: 'n2', acknowledgedAt: '2026-01-02T00:00:00.000Z' }
const now = Date.parse('2026-01-01T02:00:00Z')

test('list shows what nobody has seen, and with --all the rest', async () => {
  const agent = await fakeAgent({ listNotifications: () => ({ items: [open, seen] }) })
  const { stdout } = await run(['notification', 'list'], { agent, now })
  expect(stdout).toMatch(/n1 +120m +warning +LinkLost +peer\/b +The link to peer "b" is down/)
  expect(stdout).not.toContain('n2')
  expect((await run(['notification', 'list', '--all'], { agent, now })).stdout).toContain('n2')
})

test('list says so when there is nothing', async () => {
  const agent = await fakeAgent({ listNotifications: () => ({ items: [seen] }) })
  const { stderr } = await run(['notification', 'list'], { agent })
  expect(stderr).toContain('Nothing needs your attention')
})

test.each([
  [
    ['n1', 'n3'],
    ['n1', 'n3'],
  ],
  [['--all'], ['n1']],
])('acknowledge %j marks %j as seen', async (argv, expected) => {
  const asked: unknown[] = []
  const agent = await fakeAgent({
    listNotifications: () => ({ items: [open, seen] }),
    acknowledgeNotification: ({ params }) => {
      asked.push(params['id'])
      return seen
    },
  })
  const result = await run(['notification', 'acknowledge', ...argv], { agent })
  expect(result).toMatchObject({ code: 0 })
  expect(asked).toEqual(expected)
})

test.each([[[]], [['n1', '--all']]])('acknowledge %j is refused', async (argv) => {
  const agent = await fakeAgent({})
  const result = await run(['notification', 'acknowledge', ...argv], { agent })
  expect(result.code).toBe(2)
  expect(agent.requests).toEqual([])
})
