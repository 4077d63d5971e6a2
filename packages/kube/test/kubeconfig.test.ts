import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  connectionFromKubeconfig,
  inClusterConnection,
  KubeconfigError,
  loadKubeconfig,
  Pod,
  type ClusterConnection,
  type Credential,
  type KubeconfigOptions,
} from '../src/index.ts'
import { FakeClock } from '../src/testing.ts'
import { certificate, clientName, json, scriptedServer } from './scripted-server.ts'
import { aClient, aPod } from './support.ts'

const never = new AbortController().signal
const base64 = (text: string): string => Buffer.from(text).toString('base64')

async function aDirectory(files: Record<string, string> = {}): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'kubeconfig-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text)
  return directory
}

/** A file with one context whose user is given. */
function withUser(user: object, cluster: object = {}): string {
  return JSON.stringify({
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: 'apps' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:6443', ...cluster } }],
    users: [{ name: 'u', user }],
  })
}

async function credentialOf(connection: ClusterConnection): Promise<Credential> {
  return await connection.credentials.current(never)
}

async function read(
  user: object,
  options: KubeconfigOptions = {},
  directory = '/nowhere',
): Promise<ClusterConnection> {
  return await connectionFromKubeconfig(withUser(user), directory, options)
}

describe('which cluster', () => {
  const twoContexts = `
current-context: first
contexts:
- name: first
  context: { cluster: one, user: someone }
- name: second
  context: { cluster: two, user: someone, namespace: apps }
clusters:
- name: one
  cluster: { server: "http://127.0.0.1:1001" }
- name: two
  cluster:
    server: https://127.0.0.1:1002/k8s
    insecure-skip-tls-verify: true
    tls-server-name: api.test
    proxy-url: http://proxy.test:3128
users:
- name: someone
  user: { token: t }
`

  test('the current context, if none is asked for', async () => {
    const connection = await connectionFromKubeconfig(twoContexts, '/nowhere')
    expect(connection).toMatchObject({ server: 'http://127.0.0.1:1001' })
    expect(connection.namespace).toBeUndefined()
  })

  test('the context that is asked for', async () => {
    const connection = await connectionFromKubeconfig(twoContexts, '/nowhere', {
      context: 'second',
    })
    expect(connection).toMatchObject({
      server: 'https://127.0.0.1:1002/k8s',
      insecureSkipTlsVerify: true,
      tlsServerName: 'api.test',
      proxyUrl: 'http://proxy.test:3128',
      namespace: 'apps',
    })
  })

  test('its authority comes from a file beside it or from the text itself', async () => {
    const directory = await aDirectory({ 'ca.crt': 'PEM from file' })
    const fromFile = withUser({}, { 'certificate-authority': 'ca.crt' })
    const inline = withUser({}, { 'certificate-authority-data': base64('PEM inline') })

    expect(await connectionFromKubeconfig(fromFile, directory)).toMatchObject({
      certificateAuthority: 'PEM from file',
    })
    expect(await connectionFromKubeconfig(inline, directory)).toMatchObject({
      certificateAuthority: 'PEM inline',
    })
  })
})

describe('a file that is wrong says where', () => {
  test.each([
    ['no context', '{}', 'it has no current-context, and no context was asked for'],
    ['not a mapping', '[]', 'the file must be a mapping'],
    [
      'an unknown context',
      '{"current-context":"b","contexts":[{"name":"a"}]}',
      'contexts has no "b"; it has: a',
    ],
    [
      'an unknown cluster',
      '{"current-context":"a","contexts":[{"name":"a","context":{"cluster":"c"}}]}',
      'clusters has no "c"; it has: none',
    ],
    ['a server that is no URL', withUser({}, { server: 'not a url' }), '"server" is not a URL'],
    ['a list that is none', '{"current-context":"a","contexts":5}', '"contexts" must be a list'],
    [
      'a proxy we cannot use',
      withUser({}, { 'proxy-url': 'socks5://p' }),
      '"proxy-url" must begin',
    ],
    ['a token of the wrong type', withUser({ token: 5 }), '"token" must be text'],
    [
      'half a certificate',
      withUser({ 'client-certificate': 'x.pem' }),
      '"client-key" is missing beside its certificate',
    ],
    ['impersonation', withUser({ as: 'root' }), '"as" is not supported'],
    [
      'an old plugin',
      withUser({ exec: { apiVersion: 'client.authentication.k8s.io/v1alpha1', command: 'x' } }),
      'v1alpha1" is not supported',
    ],
    [
      'a plugin that needs a person',
      withUser({
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: 'x',
          interactiveMode: 'Always',
        },
      }),
      'nobody sits in front of this program',
    ],
  ])('%s', async (_, text, message) => {
    const connection = connectionFromKubeconfig(text, '/nowhere')
    await expect(connection).rejects.toThrow(KubeconfigError)
    await expect(connection).rejects.toThrow(message)
  })

  test('a file that is not there is named', async () => {
    await expect(loadKubeconfig('/nowhere/config')).rejects.toThrow(
      'Kubeconfig /nowhere/config cannot be read',
    )
  })

  test('and so is the file that is wrong', async () => {
    const directory = await aDirectory({ config: 'a: [' })
    await expect(loadKubeconfig(join(directory, 'config'))).rejects.toThrow(
      `Kubeconfig ${directory}/config: `,
    )
  })
})

describe('as whom', () => {
  test('nobody, if no user is named', async () => {
    const text = withUser({}).replace('"user":"u"', '"user":""')
    expect(await credentialOf(await connectionFromKubeconfig(text, '/nowhere'))).toEqual({})
  })

  test('a token', async () => {
    expect(await credentialOf(await read({ token: 't' }))).toEqual({ authorization: 'Bearer t' })
  })

  test('a name and a password', async () => {
    expect(await credentialOf(await read({ username: 'me', password: 'p' }))).toEqual({
      authorization: `Basic ${base64('me:p')}`,
    })
  })

  test('a token file, read again a minute later, or as soon as the token is refused', async () => {
    const directory = await aDirectory({ token: 'one\n' })
    const clock = new FakeClock()
    const connection = await read({ tokenFile: 'token', token: 'ignored' }, { clock }, directory)
    const token = async (): Promise<string | undefined> =>
      (await credentialOf(connection)).authorization

    expect(await token()).toBe('Bearer one')
    await writeFile(join(directory, 'token'), 'two')
    await clock.advance(59_999)
    expect(await token()).toBe('Bearer one')
    await clock.advance(1)
    expect(await token()).toBe('Bearer two')
    await writeFile(join(directory, 'token'), 'three')
    connection.credentials.expire()
    expect(await token()).toBe('Bearer three')
  })

  test('a client certificate, which the server sees', async () => {
    const server = await scriptedServer({ isSecure: true })
    server.otherwise(json(aPod('web', '5')))
    const directory = await aDirectory({
      'client.pem': await certificate('client-a'),
      config: JSON.stringify({
        'current-context': 'here',
        contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
        clusters: [
          {
            name: 'c',
            cluster: {
              server: `https://127.0.0.1:${server.port}`,
              'certificate-authority-data': base64(await certificate('ca')),
            },
          },
        ],
        users: [
          {
            name: 'u',
            user: {
              'client-certificate': 'client.pem',
              'client-key-data': base64(await certificate('client-a.key')),
            },
          },
        ],
      }),
    })
    const connection = await loadKubeconfig(join(directory, 'config'))
    await aClient(connection).get(Pod, { namespace: 'default', name: 'web' })

    expect(clientName(server.exchanges[0]!)).toBe('client-a')
  })
})

describe('a credential plugin', () => {
  /** A plugin that runs the given shell lines; each run leaves a mark. */
  async function aPlugin(
    script: string,
    more: object = {},
  ): Promise<{
    connection: ClusterConnection
    clock: FakeClock
    runs: () => Promise<number>
  }> {
    const directory = await aDirectory({ plugin: `#!/bin/sh\necho >>"$MARKS"\n${script}\n` })
    await chmod(join(directory, 'plugin'), 0o755)
    const marks = join(directory, 'marks')
    await writeFile(marks, '')
    const clock = new FakeClock(Date.UTC(2030, 0, 1))
    const connection = await read(
      {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: './plugin',
          args: ['--for', 'us'],
          env: [{ name: 'MARKS', value: marks }],
          ...more,
        },
      },
      { clock, environment: { PATH: process.env['PATH'], GREETING: 'hi' } },
      directory,
    )
    return { connection, clock, runs: async () => (await readFile(marks, 'utf8')).length }
  }

  const prints = (status: string): string =>
    `cat <<END\n{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":${status}}\nEND`

  test('is run with its arguments, our environment and its own', async () => {
    const { connection } = await aPlugin(prints('{"token":"$GREETING $*"}'))
    expect(await credentialOf(connection)).toEqual({ authorization: 'Bearer hi --for us' })
  })

  test('is not run again before its credential ends', async () => {
    const { connection, clock, runs } = await aPlugin(
      prints('{"token":"t","expirationTimestamp":"2030-01-01T01:00:00Z"}'),
    )
    await credentialOf(connection)
    await clock.advance(59 * 60_000)
    await credentialOf(connection)
    expect(await runs()).toBe(1)

    await clock.advance(60_000)
    await credentialOf(connection)
    expect(await runs()).toBe(2)
  })

  test('is run once for all who ask at the same time', async () => {
    const { connection, runs } = await aPlugin(prints('{"token":"t"}'))
    await Promise.all(Array.from({ length: 10 }, () => credentialOf(connection)))
    expect(await runs()).toBe(1)
  })

  test('is run again when the server refused what it gave', async () => {
    const { connection, runs } = await aPlugin(prints('{"token":"t"}'))
    await credentialOf(connection)
    connection.credentials.expire()
    await credentialOf(connection)
    expect(await runs()).toBe(2)
  })

  test('may give a certificate', async () => {
    const { connection } = await aPlugin(
      prints('{"clientCertificateData":"cert","clientKeyData":"key"}'),
    )
    expect(await credentialOf(connection)).toEqual({
      clientCertificate: { certificate: 'cert', key: 'key' },
    })
  })

  test('is told the cluster if it wants to know, and that nobody is there to ask', async () => {
    const { connection } = await aPlugin(
      `info=$(printf %s "$KUBERNETES_EXEC_INFO" | tr '"' "'")\n${prints('{"token":"$info"}')}`,
      { provideClusterInfo: true },
    )
    const { authorization } = await credentialOf(connection)
    expect(authorization).toContain("'interactive':false")
    expect(authorization).toContain("'server':'https://127.0.0.1:6443'")
  })

  test.each([
    ['fails', 'echo "please log in" >&2; exit 1', 'plugin failed: please log in'],
    ['prints nonsense', 'echo token: abc', 'did not print JSON'],
    ['prints something else', 'echo "{}"', 'did not print an ExecCredential'],
    ['prints nothing of use', prints('{}'), 'neither a token nor a certificate'],
    [
      'prints no time',
      prints('{"token":"t","expirationTimestamp":"soon"}'),
      'an expirationTimestamp that is no time',
    ],
  ])('that %s is named with what is wrong', async (_, script, message) => {
    const { connection } = await aPlugin(script)
    await expect(credentialOf(connection)).rejects.toThrow(message)
  })

  test('that is not installed is named with how to install it', async () => {
    const connection = await read({
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1beta1',
        command: 'no-such-plugin',
        installHint: 'install it from the vendor',
      },
    })
    await expect(credentialOf(connection)).rejects.toThrow('install it from the vendor')
  })

  test('that fails once is asked again', async () => {
    const { connection } = await aPlugin(
      `[ $(wc -l <"$MARKS") -gt 1 ] || exit 1\n${prints('{"token":"t"}')}`,
    )
    await expect(credentialOf(connection)).rejects.toThrow('failed')
    expect(await credentialOf(connection)).toEqual({ authorization: 'Bearer t' })
  })
})

test('in a pod the cluster is known by its service account, whose token rotates', async () => {
  const directory = await aDirectory({ token: 'one', 'ca.crt': 'PEM', namespace: 'porpulsion\n' })
  const clock = new FakeClock()
  const connection = await inClusterConnection({ host: 'fd00::1', port: '443', directory, clock })

  expect(connection).toMatchObject({
    server: 'https://[fd00::1]:443',
    certificateAuthority: 'PEM',
    namespace: 'porpulsion',
  })
  expect(await credentialOf(connection)).toEqual({ authorization: 'Bearer one' })
  await writeFile(join(directory, 'token'), 'two')
  await clock.advance(60_000)
  expect(await credentialOf(connection)).toEqual({ authorization: 'Bearer two' })
})
