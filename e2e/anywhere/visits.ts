import { describe, expect, test } from 'vitest'
import { deploy, untilReady, type TheWorld } from './chapter.ts'
import { worldKind } from '../support/world.ts'

export function tellOfVisits(world: TheWorld): void {
  test('an app is there to look into', async () => {
    await deploy(world(), 'visited')
  })

  describe.skipIf(worldKind === 'embedded')(
    'by a command in its pod (skipped on embedded clusters, which were not told to run any)',
    () => tellOfCommands(world),
  )

  test('what a spec was before is kept, and comes back', async () => {
    const { a } = world()
    await a.cli('app', 'scale', 'visited', '--replicas', '2', '--wait')
    expect(await a.cli('app', 'history', 'visited')).toContain('replicas')
    await a.cli('app', 'rollback', 'visited', '--wait')
    expect((await untilReady(world(), 'visited')).spec.replicas ?? 1).toBe(1)
  })

  test('what its pods use is known, or why it is not', async () => {
    const { a } = world()
    const { code, stdout, stderr } = await a.tryCli('app', 'top', 'visited')
    // Real clusters have an add-on for it, or have not; the embedded one measures.
    if (worldKind === 'embedded' || code === 0) expect(stdout).toMatch(/visited-\S+ .*\d/)
    else expect(stderr).toContain('metrics.k8s.io')
    await a.cli('app', 'delete', 'visited', '--wait')
  })
}

function tellOfCommands(world: TheWorld): void {
  const exec = (...command: string[]): string[] => ['app', 'exec', 'visited', ...command]

  test('with what it reads, writes and ends with', async () => {
    const { a } = world()
    const script = 'read word; echo "$word of $HOSTNAME"; echo why >&2; exit 7'
    const args = exec('-i', '--', 'sh', '-c', script)
    const { code, stdout, stderr } = await a.tryCliWith('greetings\n', ...args)
    expect({ code, stderr }).toEqual({ code: 7, stderr: 'why\n' })
    expect(stdout).toMatch(/^greetings of visited-\S+\n$/)
  })

  test('until the owner of its cluster switches commands off', async () => {
    const { a, b } = world()
    await b.cli('settings', 'set', 'exec.enabled=false')
    const { code, stderr } = await a.tryCli(...exec('--', 'true'))
    expect(code).not.toBe(0)
    expect(stderr).toContain('exec.enabled')
    await b.cli('settings', 'set', 'exec.enabled=true')
    expect((await a.tryCli(...exec('--', 'true'))).code).toBe(0)
  })
}
