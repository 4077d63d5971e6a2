/** Chance as a collaborator, for jitter only, and the waits it spreads. Secrets come from node:crypto. */
export { backoffMs, systemRandom, type BackoffOptions, type Random } from '@porpulsion/kube'
