import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Run } from './command-runner.mjs'
import { testbedDriver } from './testbed-driver.mjs'

/** A folder with these files, and what the driver runs of it. */
function aTestbed(...files: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'porpulsion-testbed-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const file of files) {
    mkdirSync(join(folder, file, '..'), { recursive: true })
    writeFileSync(join(folder, file), `this is ${file}`)
  }
  const asked: string[] = []
  const run: Run = (command, args, { env } = {}) => {
    asked.push([command, ...args].join(' ').replace(`${folder}/`, ''))
    expect(env).toEqual({ RK: folder })
    return Promise.resolve('192.0.2.7\n')
  }
  const choice = { kind: 'testbed', folder, prefix: 'try', firstIndex: 3 } as const
  return { asked, driver: testbedDriver(choice, { run, dir: folder }) }
}

test('a folder that lacks a script is refused by its name', () => {
  expect(() => aTestbed('start.sh', 'stop.sh', 'env.sh').driver.check()).toThrow('no load-image.sh')
})

test('three clusters are started under names and indexes of their own', async () => {
  const { driver, asked } = aTestbed('tryb/kubeconfig')
  await driver.start()
  expect(asked).toEqual(['start.sh trya 3', 'start.sh tryb 4', 'start.sh tryc 5'])
  expect(await driver.kubeconfig('b')).toBe('this is tryb/kubeconfig')
  expect(await driver.address('b')).toBe('192.0.2.7')
})

test('images are built by Podman and loaded into all three', async () => {
  const { driver, asked } = aTestbed()
  await driver.engine(['build', '.'])
  await driver.load('docker.io/porpulsion/hello:latest')
  expect(asked[0]).toMatch(/^bash -c .* trya podman build \.$/)
  expect(asked[1]).toBe('load-image.sh docker.io/porpulsion/hello:latest trya tryb tryc')
})

test('only clusters that are there are removed', async () => {
  const { driver, asked } = aTestbed('tryb/index', 'other/index')
  await driver.remove()
  expect(asked).toEqual(['stop.sh tryb --delete'])
})
