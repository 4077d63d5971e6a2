/**
 * Pod Security levels, for the fields an app has: what breaks one, and what an app is given so that it keeps it.
 * Kubernetes enforces the same by a label on the namespace; we say it in words, before anything is made.
 */
import type { AppSecurityContext, AppSpec } from '@porpulsion/contract'
import type { PeerRules } from './peer-rules.ts'

export type SecurityLevel = PeerRules['pods']['securityLevel']

/** Why it may not run at this level; undefined when it may. */
export function securityProblem(
  { securityContext = {} }: AppSpec,
  level: SecurityLevel,
): string | undefined {
  const { seccompProfile, runAsNonRoot, runAsUser, allowPrivilegeEscalation } = securityContext
  const field = (text: string): string =>
    `securityContext.${text} is not allowed at level "${level}" (pods.securityLevel)`
  if (seccompProfile?.type === 'Unconfined') return field('seccompProfile.type Unconfined')
  if (level === 'baseline') return undefined
  if (runAsNonRoot === false) return field('runAsNonRoot false')
  if (runAsUser === 0) return field('runAsUser 0 (root)')
  if (allowPrivilegeEscalation === true) return field('allowPrivilegeEscalation true')
  return undefined
}

/** With what the level needs and the app does not say. */
export function securedContext(
  context: AppSecurityContext | undefined,
  level: SecurityLevel,
): AppSecurityContext | undefined {
  if (level === 'baseline') return context
  const dropped = context?.capabilities?.drop ?? []
  return {
    ...context,
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: dropped.includes('ALL') ? dropped : [...dropped, 'ALL'] },
    seccompProfile: context?.seccompProfile ?? { type: 'RuntimeDefault' },
  }
}
