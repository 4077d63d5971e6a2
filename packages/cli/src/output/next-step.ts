import type { PorpulsionError } from '@porpulsion/contract'

/** What to type next, for codes whose message cannot know that a command line is being used. */
const steps: Readonly<Record<string, string>> = {
  NotSignedIn: 'porpulsion login URL',
  TokenInvalid: 'porpulsion login URL',
  LoginLinkInvalid: 'get a new link from the agent and run porpulsion login LINK',
  RoleTooLow:
    'ask an admin for a token of a higher role: porpulsion token create NAME --role operator',
  AgentUnreachable: 'porpulsion context list shows where each context points',
  NotAnAgent: 'porpulsion context list shows where each context points',
  AppNotFound: 'porpulsion app list',
  AppExists: 'porpulsion app update NAME changes it, porpulsion app delete NAME removes it',
  AppAmbiguous: 'repeat it with -n NAMESPACE; porpulsion app list shows them all',
  RevisionNotFound: 'porpulsion app history NAME shows those that are kept',
  PeerNotFound: 'porpulsion peer list',
  PeerExists: 'porpulsion peer list',
  NotConfirmed: 'porpulsion peer confirm NAME, on both clusters',
  InviteNotFound: 'porpulsion invite list',
  InviteUsed: 'porpulsion invite create, on the other cluster',
  InviteExpired: 'porpulsion invite create, on the other cluster',
  TokenNotFound: 'porpulsion token list',
  InboundOff: "ask the peer's owner: porpulsion settings set inbound.enabled=true",
  ExecOff: "ask the peer's owner: porpulsion settings set exec.enabled=true",
  ExecFailed: 'porpulsion app exec NAME -- sh -c COMMAND, if the image has a shell',
  PodNotFound: 'porpulsion app get NAME lists its pods',
  TunnelsOff: "ask the peer's owner: porpulsion settings set tunnels.mode=allow",
  NotReadyInTime: 'porpulsion app get NAME and porpulsion app logs NAME say more',
  WaitTimedOut: 'porpulsion app get NAME shows how far it came; --timeout waits longer',
  SettingUnknown: 'porpulsion settings get',
}

export function nextStep({ code }: PorpulsionError): string | undefined {
  return Object.hasOwn(steps, code) ? steps[code] : undefined
}
