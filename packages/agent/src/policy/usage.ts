/** What apps take of the owner's totals. Limits count, not requests: what they may use, not what they say they need. */
import { defaultReplicas, parseQuantity, type AppSpec } from '@porpulsion/contract'
import {
  containersOf,
  countedResources,
  limitOf,
  type CountedResource,
} from './container-resources.ts'
import type { PeerRules } from './peer-rules.ts'

export interface Usage {
  readonly apps: number
  readonly pods: number
  /** Nano-units, of containers that have a limit. */
  readonly cpu: bigint
  readonly memory: bigint
  readonly storage: bigint
  /** Apps with a container that has no limit: what they may use has no bound. */
  readonly unbounded: Readonly<Record<CountedResource, number>>
}

export const noUsage: Usage = {
  apps: 0,
  pods: 0,
  cpu: 0n,
  memory: 0n,
  storage: 0n,
  unbounded: { cpu: 0, memory: 0 },
}

export function usageOf(spec: AppSpec, defaults: PeerRules['resources']['defaults']): Usage {
  const pods = spec.replicas ?? defaultReplicas
  const perPod = { cpu: 0n, memory: 0n }
  const unbounded = { cpu: 0, memory: 0 }
  for (const { resources } of containersOf(spec))
    for (const resource of countedResources) {
      const limit = limitOf(resources, resource, defaults)
      if (limit === undefined) unbounded[resource] = pods > 0 ? 1 : 0
      // Init containers run before the app and never beside it: the largest counts.
      else perPod[resource] = max(perPod[resource], atLeastMilli(parseQuantity(limit) ?? 0n))
    }
  const storage = (spec.pvcs ?? []).reduce(
    (sum, claim) => sum + (parseQuantity(claim.storage) ?? 0n),
    0n,
  )
  return {
    apps: 1,
    pods,
    cpu: perPod.cpu * BigInt(pods),
    memory: perPod.memory * BigInt(pods),
    storage,
    unbounded,
  }
}

/** Kubernetes rounds what a container may use up to thousandths: 1n is not next to nothing, a thousand times. */
const MILLI = 1_000_000n
const atLeastMilli = (nano: bigint): bigint => ((nano + MILLI - 1n) / MILLI) * MILLI

export function add(a: Usage, b: Usage): Usage {
  return combined(
    a,
    b,
    (x, y) => x + y,
    (x, y) => x + y,
  )
}

export function subtract(a: Usage, b: Usage): Usage {
  return combined(
    a,
    b,
    (x, y) => x - y,
    (x, y) => x - y,
  )
}

/** Of what runs and what would replace it: one of the two, whichever takes more. */
export function larger(a: Usage, b: Usage): Usage {
  return combined(a, b, (x, y) => Math.max(x, y), max)
}

function combined(
  a: Usage,
  b: Usage,
  counts: (x: number, y: number) => number,
  amounts: (x: bigint, y: bigint) => bigint,
): Usage {
  return {
    apps: counts(a.apps, b.apps),
    pods: counts(a.pods, b.pods),
    cpu: amounts(a.cpu, b.cpu),
    memory: amounts(a.memory, b.memory),
    storage: amounts(a.storage, b.storage),
    unbounded: {
      cpu: counts(a.unbounded.cpu, b.unbounded.cpu),
      memory: counts(a.unbounded.memory, b.unbounded.memory),
    },
  }
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b)
