/**
 * Names of everything a host makes for an app: always the same for the same app, different for any other, also of the
 * same name. Dots keep the parts apart, because names of apps and of their files have none.
 */
import type { ExecutingAppSpec } from '@porpulsion/contract'
import { dnsName, dnsServiceName, hashedName } from '@porpulsion/kube'

/** The app's own container in every pod of ours; init containers have the names the app gives them. */
export const CONTAINER_NAME = 'app'

/** Of the ExecutingApp, and of its Deployment. */
export function executingAppName(appName: string, peerFingerprint: string, uid: string): string {
  return hashedName(appName, [peerFingerprint, uid])
}

/** The name neighbours look an app up by, while no other app of this peer has it; and what it is called then. */
export function serviceNames(
  appName: string,
  executingApp: string,
): { readonly preferred: string; readonly fallback: string } {
  return { preferred: dnsServiceName(appName), fallback: dnsServiceName(executingApp) }
}

export const configMapName = (executingApp: string, name: string): string =>
  `${executingApp}.config.${name}`

export const secretName = (executingApp: string, name: string): string =>
  `${executingApp}.secret.${name}`

export const pullSecretName = (executingApp: string, name: string): string =>
  `${executingApp}.pull.${name}`

/** The same for every app of this name in its namespace: one that comes back finds the data it left. */
export function claimName(
  {
    peer,
    submitter,
  }: {
    readonly peer: Pick<ExecutingAppSpec['peer'], 'fingerprint'>
    readonly submitter: Pick<ExecutingAppSpec['submitter'], 'namespace' | 'name'>
  },
  name: string,
): string {
  const app = hashedName(submitter.name, [peer.fingerprint, submitter.namespace])
  return `${app}.claim.${name}`
}

/** A new one for every content: the record switches from one to the next in one write. */
export const secretValuesName = (executingApp: string, specHash: string): string =>
  `${executingApp}.values.${specHash.slice(0, 16)}`

/** Volumes are named inside one pod; the longest name of a file set would not fit behind its prefix. */
export const volumeName = (kind: 'config' | 'secret' | 'claim' | 'empty', name: string): string =>
  dnsName(`${kind}-${name}`)
