/** What is done to peers on this page, as commands. */
import { endpoints, type BodyOf, type RemovePeerQuery } from '@porpulsion/contract'
import { curlOf, quoted } from '../../api/curl.ts'
import type { Commands } from '../../ui/commands.tsx'

export function inviteCommands(
  body: NonNullable<BodyOf<typeof endpoints.createInvite>>,
  origin?: string,
): Commands {
  const { expiresInSeconds = 3_600, autoConfirm = false } = body
  return {
    cli: `porpulsion invite create --expires ${expiresInSeconds / 60}m${autoConfirm ? ' --auto-confirm' : ''}`,
    curl: curlOf(endpoints.createInvite, { body }, origin),
  }
}

export const revokeInviteCommands = (id: string, origin?: string): Commands => ({
  cli: `porpulsion invite revoke ${quoted(id)}`,
  curl: curlOf(endpoints.revokeInvite, { params: { id } }, origin),
})

/** The invite is a secret: commands leave the place for it. */
export function connectCommands(as: string, origin?: string): Commands {
  const named = as === '' ? '' : ` --as ${quoted(as)}`
  return {
    cli: `porpulsion peer add${named}   # asks for the invite, without echo`,
    curl: curlOf(
      endpoints.addPeer,
      { body: { bundle: 'porp1.…', ...(as !== '' && { as }) } },
      origin,
    ),
  }
}

interface Confirmed {
  readonly name: string
  readonly fingerprint: string | undefined
  /** The agent's own, in which peers are. */
  readonly namespace: string | undefined
}

export function confirmCommands(
  { name, fingerprint, namespace }: Confirmed,
  origin?: string,
): Commands {
  const checked = fingerprint === undefined ? '' : ` --fingerprint ${fingerprint}`
  const body = fingerprint === undefined ? {} : { fingerprint }
  return {
    cli: `porpulsion peer confirm ${quoted(name)}${checked}`,
    ...(namespace !== undefined && {
      kubectl: `kubectl -n ${quoted(namespace)} patch peers.porpulsion.io ${quoted(name)} --type merge -p '{"spec":{"confirmed":true}}'`,
    }),
    curl: curlOf(endpoints.confirmPeer, { params: { name }, body }, origin),
  }
}

export function removeCommands(
  name: string,
  { executingApps = 'delete', remoteApps = 'keep' }: RemovePeerQuery,
  origin?: string,
): Commands {
  return {
    cli: `porpulsion peer remove ${quoted(name)} --executing-apps ${executingApps} --remote-apps ${remoteApps}`,
    curl: curlOf(
      endpoints.removePeer,
      { params: { name }, query: { executingApps, remoteApps } },
      origin,
    ),
  }
}
