import { errorKindMeanings, errorKinds, PorpulsionError } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { fakeAgent } from './fake-agent.ts'
import manifest from '../package.json' with { type: 'json' }
import { run } from './run.ts'

test.each(errorKinds)('%s has the exit code of the table', async (kind) => {
  const agent = await fakeAgent({
    getStatus: () => {
      throw new PorpulsionError(kind, 'SomeCode', 'It went wrong')
    },
  })
  const { code, stdout } = await run(['status'], { agent })
  expect(code).toBe(errorKindMeanings[kind].exit)
  expect(stdout).toBe('')
})

test.each([
  [['nonsense'], 2],
  [['app', 'scale', 'web'], 2],
  [['app', 'list', '--nonsense'], 2],
  [['app', 'list', 'extra'], 2],
  [['app', 'list', '-o', 'xml'], 2],
  [['--help'], 0],
  [['app', 'deploy', '--help'], 0],
])('porpulsion %j ends with %i', async (argv, code) => {
  expect((await run(argv)).code).toBe(code)
})

test('--version says this program’s own', async () => {
  const { code, stdout } = await run(['--version'])
  expect([code, stdout]).toEqual([0, `${manifest.version}\n`])
})

test('an agent that does not run is exit code 6, with its address', async () => {
  const result = await run(['status'], { agent: { url: 'http://127.0.0.1:1' } })
  expect(result.code).toBe(6)
  expect(result.stderr).toContain('Cannot reach the agent at http://127.0.0.1:1')
})

test('no stack is shown unless it is asked for', async () => {
  expect((await run(['status'])).stderr).not.toContain('    at ')
  expect((await run(['status', '--debug'])).stderr).toContain('    at ')
})

test('an interrupted command ends with 130 and says nothing', async () => {
  const abort = new AbortController()
  const agent = await fakeAgent({
    getStatus: () => {
      abort.abort()
      return new Promise(() => undefined)
    },
  })
  expect(await run(['status'], { agent, signal: abort.signal })).toEqual({
    code: 130,
    stdout: '',
    stderr: '',
  })
})

test('every field error of a refusal is listed', async () => {
  const fields = [
    { path: 'spec.image', message: 'is required' },
    { path: 'spec.ports[0].port', message: 'must be <= 65535' },
  ]
  const agent = await fakeAgent({
    getStatus: () => {
      throw new PorpulsionError('Invalid', 'InvalidRequest', 'Two fields', { fields })
    },
  })
  const { stderr } = await run(['status'], { agent })
  expect(stderr).toContain('  spec.image: is required\n  spec.ports[0].port: must be <= 65535\n')
})
