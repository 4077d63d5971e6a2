import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AppConfig, AppConfigPatch } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { fakeAgent } from './fake-agent.ts'
import { anApp } from './objects.ts'
import { run, temporaryDirectory } from './run.ts'

const config: AppConfig = {
  metadata: { name: 'web', namespace: 'porpulsion', generation: 4 },
  configMaps: [
    { name: 'site', mountPath: '/etc/site/', data: { motd: 'hello', long: 'first\nsecond\n' } },
    { name: 'both', mountPath: '/both' },
  ],
  secrets: [
    { name: 'keys', mountPath: '/etc/keys', keys: ['password'] },
    { name: 'theirs', mountPath: '/theirs', keys: [], fromSecret: 'vault' },
    { name: 'both', mountPath: '/both-secret', keys: [] },
  ],
}

async function agentWithFiles(onPatch: (patch: AppConfigPatch) => void = () => undefined) {
  return await fakeAgent({
    getAppConfig: () => config,
    patchAppConfig: ({ body }) => {
      onPatch(body)
      return config
    },
    getRemoteApp: () => anApp('web'),
  })
}

async function patchFrom(argv: readonly string[], cwd?: string): Promise<AppConfigPatch> {
  let patch: AppConfigPatch | undefined
  const agent = await agentWithFiles((body) => {
    patch = body
  })
  const result = await run(['app', 'config', 'set', 'web', ...argv], {
    agent,
    ...(cwd !== undefined && { cwd }),
    stdin: 'from stdin',
  })
  expect(result).toMatchObject({ code: 0 })
  return patch!
}

test('get lists files and where they are, and of secrets the names', async () => {
  const agent = await agentWithFiles()
  const { code, stdout } = await run(['app', 'config', 'get', 'web'], { agent })
  expect(code).toBe(0)
  expect(stdout).toMatch(/site\/motd +configMap +\/etc\/site\/motd +hello\n/)
  expect(stdout).toMatch(/site\/long +configMap +\/etc\/site\/long +first… \(13 bytes\)\n/)
  expect(stdout).toMatch(/keys\/password +secret +\/etc\/keys\/password +\(hidden\)\n/)
  expect(stdout).toMatch(/theirs\/… +secret +\/theirs +\(from Secret vault\)\n/)
  expect(stdout).toMatch(/both\/ +configMap +\/both +\(no files\)\n/)
})

test('get prints one file as it is', async () => {
  const agent = await agentWithFiles()
  const { stdout } = await run(['app', 'config', 'get', 'web', 'site/long'], { agent })
  expect(stdout).toBe('first\nsecond\n')
})

test.each([
  ['keys/password', '--show-secrets'],
  ['theirs/x', 'come from Secret "vault"'],
  ['site/nope', 'has no file site/nope'],
])('get of %s says why not: %s', async (file, message) => {
  const agent = await agentWithFiles()
  const result = await run(['app', 'config', 'get', 'web', file], { agent })
  expect(result.code).toBe(2)
  expect(result.stderr).toContain(message)
})

test('--show-secrets asks for values', async () => {
  const agent = await fakeAgent({
    getAppConfig: ({ query }) => ({
      ...config,
      secrets:
        String(query['showSecrets']) === 'true'
          ? [
              {
                name: 'k',
                mountPath: '/k',
                keys: ['a', 'b'],
                data: { a: 'hush' },
                binaryData: { b: 'AAAA' },
              },
            ]
          : [],
    }),
  })
  const { stdout } = await run(['app', 'config', 'get', 'web', '--show-secrets'], { agent })
  expect(stdout).toMatch(/k\/a +secret +\/k\/a +hush\n/)
  expect(stdout).toMatch(/k\/b +secret +\/k\/b +\(binary, 3 bytes\)/)
})

test('set and remove become a patch of what was read, each name of its kind', async () => {
  expect(
    await patchFrom(['site/motd=x=y', 'keys/password=', 'site/long-', '--remove', 'theirs']),
  ).toEqual({
    generation: 4,
    configMaps: { site: { data: { motd: 'x=y', long: null } } },
    secrets: { keys: { data: { password: '' } }, theirs: null },
  })
})

test('files come from disk and stdin; what is not text goes to a secret in base64', async () => {
  const cwd = await temporaryDirectory()
  await writeFile(join(cwd, 'motd.txt'), 'from disk')
  await writeFile(join(cwd, 'store.p12'), Buffer.from([0xff, 0xfe]))
  const files = ['site/motd=motd.txt', 'keys/store.p12=store.p12', 'keys/password=-']
  expect(
    await patchFrom(
      files.flatMap((file) => ['--from-file', file]),
      cwd,
    ),
  ).toEqual({
    generation: 4,
    configMaps: { site: { data: { motd: 'from disk' } } },
    secrets: { keys: { data: { password: 'from stdin' }, binaryData: { 'store.p12': '//4=' } } },
  })
})

test('a new name is made where --mount says, as what --secret says', async () => {
  expect(await patchFrom(['more/a=1', '--mount', 'more:/more'])).toEqual({
    generation: 4,
    configMaps: { more: { mountPath: '/more', data: { a: '1' } } },
  })
  expect(await patchFrom(['more/a=1', '--mount', 'more:/more', '--secret'])).toEqual({
    generation: 4,
    secrets: { more: { mountPath: '/more', data: { a: '1' } } },
  })
})

test.each([
  [['more/a=1'], '--mount more:/DIRECTORY'],
  [['key/password=typo'], 'there are site, both, keys, theirs, both'],
  [['site/nope-'], 'site has no file "nope" (there are motd, long)'],
  [['nope-'], 'The app has no "nope"'],
  [['both/a=1'], 'is a configMap and a secret'],
  [['site/a=1', '--secret'], 'site is a configMap'],
  [['site'], 'NAME/KEY=VALUE'],
  [['=1'], 'NAME/KEY=VALUE'],
  [['-'], 'NAME/KEY=VALUE'],
  [[], 'Say what shall change'],
  [['--mount', 'more'], '--mount takes NAME:/DIRECTORY'],
  [['--from-file', 'site/a=nowhere'], 'there is no such file'],
])('set %j changes nothing and says what would', async (argv, message) => {
  const agent = await agentWithFiles(() => expect.unreachable())
  const result = await run(['app', 'config', 'set', 'web', ...argv], { agent })
  expect(result.code).toBe(2)
  expect(result.stderr).toContain(message)
})
