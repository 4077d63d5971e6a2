import type { Demo } from '../../e2e/support/demo.ts'

export async function agentsOf(demo: Demo): Promise<readonly number[]> {
  const { agentA, agentB } = await demo.pids()
  return [agentA, agentB]
}
