import type { Invite } from '@porpulsion/contract'
import type { ApiHandlers } from '../api/index.ts'
import type { InviteRecord } from './invite.ts'
import type { Peers } from './peers.ts'

export function inviteHandlers(peers: Peers): ApiHandlers {
  return {
    listInvites: () => Promise.resolve({ items: peers.listInvites().map(shown) }),
    async createInvite({ body, caller }) {
      const { record, bundle } = await peers.createInvite({
        createdBy: caller.name,
        expiresInSeconds: body.expiresInSeconds,
        autoConfirm: body.autoConfirm,
      })
      return { ...shown(record), bundle }
    },
    revokeInvite: async ({ params }) => {
      await peers.revokeInvite(params['id'] ?? '')
      return undefined
    },
  }
}

/** Without K. */
function shown({ id, createdAt, createdBy, expiresAt, autoConfirm }: InviteRecord): Invite {
  return { id, createdAt, createdBy, expiresAt, autoConfirm }
}
