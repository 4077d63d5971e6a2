/** What every chapter needs: the world, and words for what its tests do again and again. */
import { expect } from 'vitest'
import {
  Annotation,
  API_GROUP,
  GROUP_VERSION,
  Label,
  peerNamespace,
  type RemoteApp,
  type RemoteAppSpec,
} from '@porpulsion/contract'
import type { Pod } from '@porpulsion/kube'
import { eventually } from '../support/eventually.ts'
import { images, type World } from '../support/world.ts'

/** Known once the clusters are there; chapters are told before. */
export type TheWorld = () => World

/** As somebody would write it for kubectl; JSON is YAML too. */
export function manifest(name: string, spec: Partial<RemoteAppSpec> = {}): string {
  return JSON.stringify({
    apiVersion: GROUP_VERSION,
    kind: 'RemoteApp',
    metadata: { name },
    spec: { targetPeer: 'b', image: images.hello, ports: [{ port: 8080 }], ...spec },
  })
}

export async function apply(
  { a }: World,
  name: string,
  spec: Partial<RemoteAppSpec> = {},
): Promise<void> {
  await a.kube('apply -f -', manifest(name, spec))
}

/** Of the spec as it is now, not of one before. */
export async function untilReady({ a }: World, name: string): Promise<RemoteApp> {
  return await eventually(`app ${name} is ready`, 120_000, async () => {
    const app = await a.stored(name)
    expect(app.status).toMatchObject({
      phase: 'Ready',
      observedGeneration: app.metadata.generation,
      readyReplicas: app.spec.replicas ?? 1,
    })
    return app
  })
}

export async function deploy(
  world: World,
  name: string,
  spec: Partial<RemoteAppSpec> = {},
): Promise<RemoteApp> {
  await apply(world, name, spec)
  return await untilReady(world, name)
}

export function conditionOf(
  { status }: RemoteApp,
  type: string,
): { readonly status: string; readonly reason: string; readonly message: string } | undefined {
  return status?.conditions.find((condition) => condition.type === type)
}

/** Where b runs everything for a. */
export async function namespaceOfA({ b }: World): Promise<string> {
  return peerNamespace((await b.peer('a')).status?.fingerprint ?? '')
}

/** The selector of what b has made for an app. */
const madeFor = ({ metadata }: RemoteApp): string => {
  // Of one that was restored: the uid under which b has known it all along.
  const [uid] = metadata.annotations?.[Annotation.HostedAs]?.split('/') ?? []
  return `${Label.App}=${uid ?? metadata.uid}`
}

export async function podsOf(world: World, app: RemoteApp): Promise<Pod[]> {
  const namespace = await namespaceOfA(world)
  const text = await world.b.kubeIn(namespace, `get pods -l ${madeFor(app)} -o json`)
  const { items } = JSON.parse(text) as { items: Pod[] } // as the API server has them
  return items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
}

export const uidsOf = (pods: readonly Pod[]): string[] =>
  pods.map(({ metadata }) => metadata?.uid ?? '').sort()

const madeKinds = 'executingapps.porpulsion.io,deployments,pods,services,configmaps,secrets,pvc'

/** Nothing of it is left at b. */
export async function untilGone(world: World, app: RemoteApp): Promise<void> {
  const namespace = await namespaceOfA(world)
  await eventually(`nothing is left of app ${app.metadata.name}`, 60_000, async () => {
    const left = await world.b.kubeIn(namespace, `get ${madeKinds} -l ${madeFor(app)} -o name`)
    const records = await world.b.kubeIn(namespace, `get executingapps.${API_GROUP} -o name`)
    expect(left).toBe('')
    expect(records).not.toContain(`/${app.metadata.name}-`)
  })
}
