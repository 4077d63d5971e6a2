/** What the host adds to an app that says nothing, listed for a dry run. */
import type { AppSpec } from '@porpulsion/contract'
import { containersOf, countedResources, limitOf, requestOf } from './container-resources.ts'
import type { PeerRules } from './peer-rules.ts'
import { securedContext } from './pod-security.ts'

export interface FillIn {
  /** In the spec: `resources.limits.cpu`. */
  readonly path: string
  readonly value: string
  /** The setting that asks for it. */
  readonly setting: string
}

export function fillIns(spec: AppSpec, rules: PeerRules): FillIn[] {
  return [...resourceFillIns(spec, rules), ...securityFillIns(spec, rules)]
}

function resourceFillIns(spec: AppSpec, { resources: { defaults } }: PeerRules): FillIn[] {
  return containersOf(spec).flatMap(({ where, resources }) =>
    countedResources.flatMap((resource) => {
      const limit = limitOf(resources, resource, defaults)
      const request = requestOf(resources, resource, defaults)
      const filled = (group: 'limits' | 'requests', value: string | undefined): FillIn[] =>
        value === undefined || resources[group]?.[resource] !== undefined
          ? []
          : [
              {
                path: `${where}resources.${group}.${resource}`,
                value,
                setting: `resources.defaults.${group}.${resource}`,
              },
            ]
      const impliesRequest = resources.limits?.[resource] !== undefined
      return [...filled('limits', limit), ...(impliesRequest ? [] : filled('requests', request))]
    }),
  )
}

function securityFillIns(spec: AppSpec, { pods: { securityLevel } }: PeerRules): FillIn[] {
  const before = spec.securityContext
  const after = securedContext(before, securityLevel)
  if (after === undefined || after === before) return []
  const setting = 'pods.securityLevel'
  return (['runAsNonRoot', 'allowPrivilegeEscalation', 'capabilities', 'seccompProfile'] as const)
    .filter((field) => JSON.stringify(before?.[field]) !== JSON.stringify(after[field]))
    .map((field) => ({
      path: `securityContext.${field}`,
      value: JSON.stringify(after[field]),
      setting,
    }))
}
