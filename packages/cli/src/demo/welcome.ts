import { relative } from 'node:path'
import type { Io } from '../io.ts'
import type { ReadyMember } from './bring-up.ts'
import type { DemoLayout } from './layout.ts'
import type { Steps } from './steps.ts'

/** Where to look and what to type: pages with one-time login links, and three commands. */
export async function welcome(
  io: Io,
  steps: Steps,
  layout: DemoLayout,
  members: readonly ReadyMember[],
): Promise<void> {
  await steps.print()
  await steps.print('Pages (each link signs in once):')
  for (const { name, client } of members) {
    const { url } = await client.call('createLoginLink')
    await steps.print(`  ${name}  ${url}`)
  }
  const [submitter, host] = members.map(({ name }) => name)
  const shown = (file: string): string => {
    const path = relative(io.cwd, file)
    return path.startsWith('..') ? file : path
  }
  await steps.print()
  await steps.print('Try:')
  await steps.print(`  export PORPULSION_CONFIG=${layout.configFile}`)
  await steps.print(
    `  npx --no porpulsion app deploy web --peer ${host ?? 'b'} --image porpulsion/hello --port 8080 --replicas 2 --wait`,
  )
  await steps.print(`  npx --no porpulsion app logs hello -f`)
  await steps.print(
    `  kubectl --kubeconfig ${shown(layout.member(submitter ?? 'a').kubeconfig)} get remoteapps -A`,
  )
  await steps.print()
}

/** After Ctrl-C: it takes a moment, so say what it is for. */
export async function farewell(steps: Steps, stop: () => Promise<void>): Promise<void> {
  await steps.print()
  await steps.print('Stopping…')
  await steps.run('Stopped agents, clusters and pods; "demo" goes on with their state', stop)
}
