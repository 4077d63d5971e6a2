/** What stays the same over `demo stop` and the next `demo`: the clusters and, while nobody else took them, the ports. */
import { parseAs } from '@porpulsion/contract'
import { Type, type Static } from 'typebox'
import { readJsonFile, writeJsonFile } from './json-file.ts'
import type { DemoLayout } from './layout.ts'
import { type PortFinder, takePort } from './ports.ts'

const Port = Type.Integer({ minimum: 1, maximum: 65_535 })
const Ports = Type.Object({ cluster: Port, dashboard: Port, peer: Port })
export type MemberPorts = Static<typeof Ports>
const DemoState = Type.Object({
  members: Type.Array(Type.Object({ name: Type.String(), ports: Ports }), { minItems: 2 }),
})
export type DemoState = Static<typeof DemoState>
export type DemoMember = DemoState['members'][number]

export async function readDemoState({ stateFile }: DemoLayout): Promise<DemoState | undefined> {
  const stored = await readJsonFile(stateFile)
  return stored === undefined ? undefined : parseAs(DemoState, stored, 'demo.json')
}

/** The stored demo, or a new one of `count` clusters; ports that are taken by now are replaced. */
export async function prepareDemoState(
  layout: DemoLayout,
  count: number,
  finder: PortFinder,
): Promise<DemoState> {
  const wanted = (await readDemoState(layout)) ?? newState(count)
  const taken = new Set<number>()
  const members: DemoMember[] = []
  for (const { name, ports } of wanted.members) {
    members.push({ name, ports: await takePorts(ports, taken, finder) })
  }
  await writeJsonFile(layout.stateFile, { members })
  return { members }
}

/** a, b, c, …: 16443, 18000, 18001 for the first, ten further for each that follows. */
function newState(count: number): DemoState {
  const members = Array.from({ length: count }, (_, at) => ({
    name: String.fromCharCode('a'.charCodeAt(0) + at),
    ports: { cluster: 16_443 + 10 * at, dashboard: 18_000 + 10 * at, peer: 18_001 + 10 * at },
  }))
  return { members }
}

async function takePorts(
  { cluster, dashboard, peer }: MemberPorts,
  taken: Set<number>,
  finder: PortFinder,
): Promise<MemberPorts> {
  return {
    cluster: await takePort(cluster, taken, finder),
    dashboard: await takePort(dashboard, taken, finder),
    peer: await takePort(peer, taken, finder),
  }
}
