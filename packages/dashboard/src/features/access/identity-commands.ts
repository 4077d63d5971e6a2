/** What is done to the identity of this cluster, as commands. */
import { endpoints } from '@porpulsion/contract'
import { curlOf } from '../../api/curl.ts'
import type { Commands } from '../../ui/commands.tsx'

export const askPeersCommands = (origin?: string): Commands => ({
  cli: 'porpulsion identity rotate --dry-run',
  curl: curlOf(endpoints.rotateIdentity, { body: { dryRun: true } }, origin),
})

export const renewCommands = (origin?: string): Commands => ({
  cli: 'porpulsion identity rotate --wait',
  curl: curlOf(endpoints.rotateIdentity, { body: {} }, origin),
})

export const switchNowCommands = (origin?: string): Commands => ({
  cli: 'porpulsion identity rotate --force',
  curl: curlOf(endpoints.rotateIdentity, { body: { force: true } }, origin),
})

export const withdrawCommands = (origin?: string): Commands => ({
  cli: 'porpulsion identity rotate --cancel',
  curl: curlOf(endpoints.cancelIdentityRotation, {}, origin),
})

export const forgetFormerCommands = (origin?: string): Commands => ({
  cli: 'porpulsion identity rotate --forget-former',
  curl: curlOf(endpoints.forgetFormerIdentity, {}, origin),
})
