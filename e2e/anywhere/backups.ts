import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { deploy, podsOf, uidsOf, untilReady, type TheWorld } from './chapter.ts'
import { eventually } from '../support/eventually.ts'
import { removeRemains } from '../support/remains.ts'
import type { Side } from '../support/side.ts'

/** As docs/operations.md says, word for word; helm alone is done as this world does it. */
async function loseAndRestore(side: Side): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'porpulsion-backup-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const [backup = '', restore = ''] = await shellBlocks('Backup and restore')
  const [before = '', after = ''] = restore.split(/^helm install .*$/m)
  await side.kubectl.shell(backup.replace(/^helm .*$/m, ''), dir)
  await side.agent.uninstall()
  await removeRemains(side)

  await side.kubectl.shell(before, dir)
  await side.agent.install()
  await side.kubectl.shell(after, dir)
}

async function shellBlocks(heading: string): Promise<string[]> {
  const docs = await readFile(join(import.meta.dirname, '../../docs/operations.md'), 'utf8')
  const [, section = ''] = docs.split(`\n## ${heading}\n`)
  const [text = ''] = section.split('\n## ')
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block)
}

export function tellOfBackups(world: TheWorld): void {
  const connected = async (): Promise<void> => {
    const { a, b } = world()
    for (const [side, other] of [[a, 'b'] as const, [b, 'a'] as const])
      await eventually(`${side.name} is connected again`, 90_000, async () => {
        expect((await side.peer(other)).status).toMatchObject({ link: 'Connected' })
      })
  }

  test('a submitter that is restored is the same, and its apps have run on', async () => {
    const { a } = world()
    await deploy(world(), 'kept', { env: [{ name: 'MESSAGE', value: 'as it was at first' }] })
    const before = await deploy(world(), 'kept')
    const pods = uidsOf(await podsOf(world(), before))
    await loseAndRestore(a)
    await connected()
    const after = await untilReady(world(), 'kept')
    expect(after.metadata.uid).not.toBe(before.metadata.uid)
    // Under the uid from before: b never took it for another.
    expect(uidsOf(await podsOf(world(), before))).toEqual(pods)
    // And what it was before is known.
    expect(await a.cli('app', 'history', 'kept')).toContain('env')
  })

  test('a host that is restored is the same, and is given again what it ran', async () => {
    const { a, b } = world()
    await loseAndRestore(b)
    await connected()
    await eventually('its pods are there again', 90_000, async () => {
      await untilReady(world(), 'kept')
      expect((await a.app('kept')).status?.pods).toHaveLength(1)
    })
    await a.kube('delete remoteapp kept --timeout=60s')
  })
}
