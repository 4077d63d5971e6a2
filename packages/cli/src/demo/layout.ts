/** Where everything of a demo lies. One directory: `demo clean` removes it, and that is all there was. */
import { join, resolve } from 'node:path'
import type { Io } from '../io.ts'

export interface DemoLayout {
  readonly dir: string
  /** CLI contexts, one per cluster; for `PORPULSION_CONFIG`. */
  readonly configFile: string
  /** What was decided when the demo was made: its clusters and their ports. */
  readonly stateFile: string
  /** `{"clusterA": …, "agentA": …}` */
  readonly pidsFile: string
  readonly supervisorFile: string
  readonly supervisorLog: string
  readonly member: (name: string) => MemberLayout
}

export interface MemberLayout {
  readonly kubeconfig: string
  readonly clusterDir: string
  readonly adminTokenFile: string
  readonly clusterLog: string
  readonly agentLog: string
}

export function demoLayout(dir: string): DemoLayout {
  return {
    dir,
    configFile: join(dir, 'config.yaml'),
    stateFile: join(dir, 'demo.json'),
    pidsFile: join(dir, 'pids.json'),
    supervisorFile: join(dir, 'supervisor.json'),
    supervisorLog: join(dir, 'logs', 'supervisor.log'),
    member: (name) => ({
      kubeconfig: join(dir, `${name}.kubeconfig`),
      clusterDir: join(dir, name, 'cluster'),
      adminTokenFile: join(dir, name, 'admin-token'),
      clusterLog: join(dir, 'logs', `cluster-${name}.log`),
      agentLog: join(dir, 'logs', `agent-${name}.log`),
    }),
  }
}

export interface DirFlags {
  readonly dir?: string
}

export const layoutFor = ({ cwd }: Io, { dir = '.demo' }: DirFlags): DemoLayout =>
  demoLayout(resolve(cwd, dir))
