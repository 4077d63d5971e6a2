import { once } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import { deploy, untilReady, type TheWorld } from './chapter.ts'
import { eventually } from '../support/eventually.ts'
import { worldKind } from '../support/world.ts'

export function tellOfVisits(world: TheWorld): void {
  test('an app is there to look into', async () => {
    await deploy(world(), 'visited')
  })

  describe.skipIf(worldKind === 'embedded')(
    'by a command in its pod (skipped on embedded clusters, which were not told to run any)',
    () => tellOfCommands(world),
  )

  test('at its port, which is one of this machine for as long as a command runs', async () => {
    const { a } = world()
    const forward = a.startCli('app', 'port-forward', 'visited', ':8080', '--address', '127.0.0.1')
    onTestFinished(() => {
      forward.kill('SIGKILL')
    })
    let printed = ''
    forward.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    const [port] = await eventually('it says where it listens', 20_000, () => {
      const found = /127\.0\.0\.1:(\d+) -> 8080/.exec(printed)?.slice(1)
      return found === undefined ? Promise.reject(new Error(printed)) : Promise.resolve(found)
    })
    const visit = async (): Promise<number> => (await fetch(`http://127.0.0.1:${port}/`)).status
    expect(await Promise.all(Array.from({ length: 20 }, visit))).toEqual(Array(20).fill(200))
    forward.kill('SIGINT')
    expect(await once(forward, 'exit')).toEqual([0, null])
  })

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
