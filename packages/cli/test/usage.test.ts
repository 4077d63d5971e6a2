import type { Usage } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { fakeAgent } from './fake-agent.ts'
import { run } from './run.ts'

const none = { apps: 0, pods: 0, cpu: '', memory: '', storage: '' }
const usage: Usage = {
  all: {
    used: { apps: 3, pods: 5, cpu: '1500m', memory: '640Mi', storage: '0' },
    limits: { ...none, apps: 10, memory: '2Gi' },
  },
  peers: [
    {
      peer: 'b',
      used: { apps: 3, pods: 5, cpu: '1500m', memory: '640Mi', storage: '0' },
      limits: none,
    },
  ],
}

test('usage is a line for each peer and one for all, with the limit where there is one', async () => {
  const agent = await fakeAgent({ getUsage: () => usage })
  const { stdout, code } = await run(['usage'], { agent })
  expect(code).toBe(0)
  expect(stdout.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['PEER', 'APPS', 'PODS', 'CPU', 'MEMORY', 'STORAGE'],
    ['b', '3', '5', '1500m', '640Mi', '0'],
    ['(all peers)', '3 of 10', '5', '1500m', '640Mi of 2Gi', '0'],
    [''],
  ])
})

test('usage as JSON is what the agent answered', async () => {
  const agent = await fakeAgent({ getUsage: () => usage })
  const { stdout, stderr } = await run(['usage', '-o', 'json'], { agent })
  expect(JSON.parse(stdout)).toEqual(usage)
  expect(stderr).toBe('')
})
