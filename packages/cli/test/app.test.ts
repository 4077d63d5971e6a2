import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppConditionType, PorpulsionError, type RemoteAppManifest } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { fakeAgent } from './fake-agent.ts'
import { anApp, condition, readyAt } from './objects.ts'
import { run, temporaryDirectory } from './run.ts'

async function deployed(
  argv: readonly string[],
  cwd?: string,
): Promise<RemoteAppManifest | undefined> {
  let manifest: RemoteAppManifest | undefined
  const agent = await fakeAgent({
    createRemoteApp: ({ body }) => {
      manifest = body
      return anApp(body.metadata.name)
    },
  })
  const result = await run(['app', 'deploy', ...argv], { agent, ...(cwd !== undefined && { cwd }) })
  expect(result).toMatchObject({ code: 0 })
  return manifest
}

test('deploy makes a spec of its flags', async () => {
  const cwd = await temporaryDirectory()
  await writeFile(join(cwd, 'app.conf'), 'colour=blue\n')
  await writeFile(join(cwd, 'password'), 'hush')
  const flags = [
    ...['web', '--peer', 'b', '--image', 'porpulsion/hello', '--replicas', '2'],
    ...['--port', 'http:8080', '--port', '9090', '--env', 'A=1', '--env', 'B=x=y', '--env', 'C='],
    ...['--config', 'conf:/etc/app=app.conf', '--secret', 'keys:/etc/keys=password'],
    ...['--cpu', '250m', '--memory', '64Mi', '--readiness-path', '/healthz', '--label', 'tier=web'],
    ...['--command', 'sh', '--', '-c', 'echo --hi'],
  ]
  expect(await deployed(flags, cwd)).toEqual({
    metadata: { name: 'web' },
    spec: {
      targetPeer: 'b',
      image: 'porpulsion/hello',
      replicas: 2,
      command: ['sh'],
      args: ['-c', 'echo --hi'],
      ports: [{ name: 'http', port: 8080 }, { port: 9090 }],
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: 'x=y' },
        { name: 'C', value: '' },
      ],
      configMaps: [{ name: 'conf', mountPath: '/etc/app', data: { 'app.conf': 'colour=blue\n' } }],
      secrets: [{ name: 'keys', mountPath: '/etc/keys', data: { password: 'hush' } }],
      resources: {
        requests: { cpu: '250m', memory: '64Mi' },
        limits: { cpu: '250m', memory: '64Mi' },
      },
      readinessProbe: { httpGet: { path: '/healthz', port: 8080 } },
      labels: { tier: 'web' },
    },
  })
})

test('deploy exposes ports by number or name, and lists one that was not listed', async () => {
  const flags = ['--port', 'http:8080', '--port', '9090', '--expose', 'http', '--expose', '5432']
  expect(await deployed(['web', '--peer', 'b', '--image', 'x', ...flags])).toMatchObject({
    spec: {
      ports: [
        { name: 'http', port: 8080, expose: true },
        { port: 9090 },
        { port: 5432, expose: true },
      ],
    },
  })
})

test('deploy takes a manifest, and flags win over it', async () => {
  const cwd = await temporaryDirectory()
  await writeFile(
    join(cwd, 'app.yaml'),
    `apiVersion: porpulsion.io/v1alpha1
kind: RemoteApp
metadata: {name: web, namespace: shop}
spec: {targetPeer: b, image: nginx, replicas: 1}
`,
  )
  expect(await deployed(['-f', 'app.yaml', '--replicas', '3'], cwd)).toMatchObject({
    metadata: { name: 'web', namespace: 'shop' },
    spec: { image: 'nginx', replicas: 3 },
  })
})

test.each([
  [['web', '--image', 'x'], 'Say where it shall run'],
  [['web', '--peer', 'b'], 'Say what shall run'],
  [['--peer', 'b', '--image', 'x'], 'Name the app'],
  [['web', '--peer', 'b', '--image', 'x', '--port', 'http'], '--port takes a whole number'],
  [['web', '--peer', 'b', '--image', 'x', '--expose', 'db'], '--expose takes a whole number'],
  [['web', '--peer', 'b', '--image', 'x', '--env', '=1'], '--env takes NAME=VALUE'],
  [
    ['web', '--peer', 'b', '--image', 'x', '--config', 'a=b'],
    '--config takes NAME:/DIRECTORY=FILE',
  ],
  [['web', '--peer', 'b', '--image', 'x', '--cpu', 'much'], 'spec.resources.requests.cpu'],
  [['Web', '--peer', 'b', '--image', 'x'], 'metadata.name'],
  [['-f', 'nowhere.yaml'], 'nowhere.yaml cannot be read: there is no such file'],
])('deploy %j is refused before any agent is asked', async (argv, message) => {
  const agent = await fakeAgent({})
  const result = await run(['app', 'deploy', ...argv], { agent })
  expect(result.code).toBe(2)
  expect(result.stderr).toContain(message)
  expect(agent.requests).toEqual([])
})

test('one bad document of several stops all of them', async () => {
  const agent = await fakeAgent({})
  const stdin = `kind: RemoteApp
metadata: {name: one}
spec: {targetPeer: b, image: x}
---
kind: RemoteApp
metadata: {name: two}
spec: {targetPeer: b, imagee: x}
`
  const result = await run(['app', 'deploy', '-f', '-'], { agent, stdin })
  expect(result).toMatchObject({ code: 2 })
  expect(result.stderr).toContain('document 2.spec.imagee: unknown field')
  expect(agent.requests).toEqual([])
})

test('--wait listens until the generation it made is ready, and says how far it is', async () => {
  const pending = anApp('web', { generation: 2, conditions: [readyAt(1)] })
  const starting = anApp('web', {
    generation: 2,
    conditions: [
      condition(AppConditionType.Ready, 'False', {
        observedGeneration: 2,
        message: 'pulling image',
      }),
    ],
  })
  const ready = anApp('web', { generation: 2, conditions: [readyAt(2)], pods: ['web-1'] })
  const agent = await fakeAgent({
    createRemoteApp: () => pending,
    getRemoteApp: () => pending,
    streamEvents: () => [
      { type: 'upsert', kind: 'RemoteApp', object: anApp('other', { conditions: [readyAt(9)] }) },
      { type: 'upsert', kind: 'RemoteApp', object: starting },
      { type: 'upsert', kind: 'RemoteApp', object: ready },
    ],
  })
  const argv = ['app', 'deploy', 'web', '--peer', 'b', '--image', 'x', '--wait', '-o', 'json']
  const result = await run(argv, { agent })
  expect(result.code).toBe(0)
  expect(JSON.parse(result.stdout)).toEqual(ready)
  expect(result.stderr).toMatch(/web: submitting to b.*\n.*pulling image.*\n.*all ready/)
})

test('--wait ends with the reason of the peer when it refuses', async () => {
  const refused = anApp('web', {
    conditions: [
      condition(AppConditionType.Accepted, 'False', {
        reason: 'ImageBlocked',
        message: 'docker.io/evil/x is blocked by docker.io/evil/**',
      }),
    ],
  })
  const agent = await fakeAgent({
    createRemoteApp: () => anApp('web'),
    getRemoteApp: () => refused,
    streamEvents: () => [],
  })
  const argv = ['app', 'deploy', 'web', '--peer', 'b', '--image', 'evil/x', '--wait']
  const result = await run(argv, { agent })
  expect(result.code).toBe(3)
  expect(result.stderr).toContain('The peer refused it: docker.io/evil/x is blocked')
  expect(result.stderr).toContain('[ImageBlocked]')
})

test('--wait gives up at its time limit and says what was last', async () => {
  const agent = await fakeAgent({
    scaleRemoteApp: () => anApp('web'),
    getRemoteApp: () => anApp('web'),
    streamEvents: async function* () {
      yield { type: 'changed', kind: 'Status' }
      await new Promise(() => undefined)
    },
  })
  const argv = ['app', 'scale', 'web', '--replicas', '2', '--wait', '--timeout', '0s']
  const result = await run(argv, { agent })
  expect(result.code).toBe(6)
  expect(result.stderr).toContain('[WaitTimedOut]')
})

test('a restart is over when none of the old pods is left', async () => {
  const before = anApp('web', { conditions: [readyAt(1)], pods: ['old-1'] })
  const after = anApp('web', { conditions: [readyAt(1)], pods: ['new-1'] })
  let reads = 0
  const agent = await fakeAgent({
    restartRemoteApp: () => before,
    getRemoteApp: () => (++reads > 2 ? after : before),
    streamEvents: () => [{ type: 'upsert', kind: 'RemoteApp', object: after }],
  })
  const result = await run(['app', 'restart', 'web', '--wait', '-o', 'json'], { agent })
  expect(result.code).toBe(0)
  expect(JSON.parse(result.stdout)).toEqual(after)
})

test('delete --wait ends when the record is gone', async () => {
  const agent = await fakeAgent({
    deleteRemoteApp: () => anApp('web'),
    getRemoteApp: () => anApp('web'),
    streamEvents: () => [
      { type: 'delete', kind: 'RemoteApp', name: 'web', namespace: 'porpulsion', uid: 'uid-web' },
    ],
  })
  const result = await run(['app', 'delete', 'web', '--wait'], { agent })
  expect(result).toMatchObject({ code: 0, stdout: '' })
  expect(result.stderr).toContain('web: deleted')
})

test('update changes the fields that were named and starts lists from what is there', async () => {
  let patch: unknown
  const current = anApp('web', {
    spec: {
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
        { name: 'C', value: '3' },
      ],
    },
  })
  const agent = await fakeAgent({
    getRemoteApp: () => current,
    patchRemoteApp: ({ body }) => {
      patch = body
      return current
    },
  })
  const argv = [
    'app',
    'update',
    'web',
    '--image',
    'porpulsion/hello:2',
    '--env',
    'B=9',
    '--env',
    'C-',
  ]
  expect((await run(argv, { agent })).code).toBe(0)
  expect(patch).toEqual({
    spec: {
      image: 'porpulsion/hello:2',
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '9' },
      ],
    },
  })
})

test('logs of several pods name the pod on each line, of one pod they do not', async () => {
  const logLines = [
    { pod: 'web-1', time: '2026-01-01T00:00:00Z', line: 'one' },
    { pod: 'web-2', time: '2026-01-01T00:00:01Z', line: 'two' },
  ]
  const pods = ['web-1', 'web-2']
  const agent = await fakeAgent({
    getRemoteApp: ({ params }) =>
      anApp('web', { conditions: [], pods: params['id'] === 'web' ? pods : ['web-1'] }),
    streamRemoteAppLogs: () => logLines,
  })
  const several = await run(['app', 'logs', 'web', '--tail', '5', '--since', '10m'], { agent })
  expect(several).toMatchObject({ code: 0, stdout: '[web-1] one\n[web-2] two\n' })
  expect(agent.requests).toContain('GET /api/remoteapp/web/logs?tail=5&sinceSeconds=600')
  const one = await run(['app', 'logs', 'single'], { agent })
  expect(one.stdout).toBe('one\ntwo\n')
})

test('a log that ends because of a failure is a failure', async () => {
  const agent = await fakeAgent({
    getRemoteApp: () => anApp('web'),
    streamRemoteAppLogs: () => [
      { pod: 'web-1', time: '2026-01-01T00:00:00Z', line: 'one' },
      { pod: '', time: '', line: '', error: 'the link went down' },
    ],
  })
  const result = await run(['app', 'logs', 'web', '-f'], { agent })
  expect(result).toMatchObject({ code: 6, stdout: 'one\n' })
  expect(result.stderr).toContain('the link went down')
})

test('url prints the URL alone', async () => {
  const agent = await fakeAgent({
    createAppUrl: ({ body }) => ({
      url: `http://web.localhost/?port=${String(body.port)}`,
      pathUrl: 'http://agent/api/…',
      expiresAt: '2026-01-01T00:00:00Z',
    }),
  })
  const result = await run(['app', 'url', 'web', '--port', '8080'], { agent })
  expect(result).toEqual({ code: 0, stdout: 'http://web.localhost/?port=8080\n', stderr: '' })
})

test('an app that does not exist is exit code 4, with the next step', async () => {
  const agent = await fakeAgent({
    getRemoteApp: () => {
      throw new PorpulsionError('NotFound', 'AppNotFound', 'There is no app "web"')
    },
  })
  expect(await run(['app', 'get', 'web'], { agent })).toEqual({
    code: 4,
    stdout: '',
    stderr: 'error: There is no app "web" [AppNotFound]\nnext: porpulsion app list\n',
  })
})

test('-n and the namespace of the context choose where to look', async () => {
  const agent = await fakeAgent({
    listRemoteApps: () => ({ apiVersion: 'v1', kind: 'RemoteAppList', items: [] }),
  })
  await run(['app', 'list', '-n', 'shop', '--peer', 'b'], { agent })
  expect(agent.requests).toEqual(['GET /api/remoteapps?namespace=shop&peer=b'])
})

test('words after -- belong to the container and to no other command', async () => {
  const result = await run(['app', 'list', '--', 'x'])
  expect(result.code).toBe(2)
  expect(result.stderr).toContain('"--" has no meaning here')
})
