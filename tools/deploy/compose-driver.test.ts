import { expect, test } from 'vitest'
import { CommandFailed, type Run } from './command-runner.mjs'
import { composeDriver, composeFile } from './compose-driver.mjs'

/** Docker, as far as the driver sees it: what it was asked, and what it answers. */
function aDocker(answer: (args: string) => string | CommandFailed = () => '') {
  const asked: string[] = []
  const run: Run = (command, args) => {
    const shown = [command, ...args].join(' ').replace(`--file ${composeFile}`, '--file FILE')
    asked.push(shown)
    const found = answer(shown)
    return found instanceof CommandFailed ? Promise.reject(found) : Promise.resolve(found)
  }
  return { asked, driver: composeDriver({ run, dir: '/nowhere' }) }
}

const failed = (code: string | number, output = ''): CommandFailed =>
  new CommandFailed(`docker ended with ${code}`, { code, output })

test.each([
  ['docker --version', failed('ENOENT'), 'there is no `docker` on this machine'],
  ['docker --version', failed(126, 'cannot execute'), 'failed (126): cannot execute'],
  ['docker compose version', failed(1, 'unknown command'), 'has no `docker compose`'],
  ['docker version --format', failed(1, 'Is it running?'), 'Docker says: Is it running?'],
])('where `%s` fails it says so, and names the way without Docker', async (what, why, message) => {
  const { driver } = aDocker((args) => (args.startsWith(what) ? why : ''))
  const refused = await driver.check().catch((error: unknown) => error)
  expect(refused).toMatchObject({ message: expect.stringContaining(message) as string })
  expect(refused).toMatchObject({ message: expect.stringContaining('make demo') as string })
})

test('where all answer there is nothing to say', async () => {
  const { driver, asked } = aDocker()
  await driver.check()
  expect(asked).toHaveLength(3)
})

test('clusters are started until they are healthy, and removed with their volumes', async () => {
  const { driver, asked } = aDocker()
  await driver.start()
  await driver.remove()
  expect(asked).toEqual([
    'docker compose --file FILE up --detach --wait --wait-timeout 300',
    'docker compose --file FILE down --volumes --remove-orphans --timeout 10',
  ])
})

test('a kubeconfig points at the port that is published for its cluster', async () => {
  const { driver } = aDocker(() => 'server: https://127.0.0.1:6443\n')
  expect(await driver.kubeconfig('b')).toBe('server: https://127.0.0.1:16444\n')
  expect(await driver.address('c')).toBe('172.30.99.4')
})

test('an image is pushed to the registry of the clusters', async () => {
  const { driver, asked } = aDocker()
  await driver.load('docker.io/porpulsion/hello:latest')
  expect(asked).toEqual([
    'docker tag docker.io/porpulsion/hello:latest 127.0.0.1:15000/porpulsion/hello:latest',
    'docker push --quiet 127.0.0.1:15000/porpulsion/hello:latest',
  ])
})

test('only images that are there are removed', async () => {
  const { driver, asked } = aDocker((args) =>
    args.includes('inspect') && args.includes('127.0.0.1') ? failed(1, 'No such image') : '',
  )
  await driver.forgetImages(['docker.io/porpulsion/porpulsion:dev-1'])
  expect(asked.at(-1)).toBe('docker image rm --force docker.io/porpulsion/porpulsion:dev-1')
})
