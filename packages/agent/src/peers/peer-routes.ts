import { GROUP_VERSION, type Peer } from '@porpulsion/contract'
import type { ApiHandlers } from '../api/index.ts'
import { defaultRemovalChoices } from './peer-reconciler.ts'
import type { StoredPeer } from './peer-store.ts'
import type { Peers } from './peers.ts'

export function peerHandlers(peers: Peers): ApiHandlers {
  return {
    listPeers: () =>
      Promise.resolve({
        apiVersion: GROUP_VERSION,
        kind: 'PeerList',
        items: peers.list().map(shown),
      }),
    getPeer: ({ params }) => Promise.resolve(shown(peers.get(nameOf(params)))),
    addPeer: async ({ body, signal }) =>
      shown(
        await peers.add(
          {
            bundle: body.bundle,
            confirm: body.confirm ?? false,
            ...(body.as !== undefined && { as: body.as }),
          },
          signal,
        ),
      ),
    confirmPeer: async ({ params, body }) =>
      shown(await peers.confirm(nameOf(params), body.fingerprint)),
    removePeer: ({ params, query, signal }) =>
      peers.remove(nameOf(params), { ...defaultRemovalChoices, ...query }, signal),
  }
}

/** The table says that this path has a name. */
const nameOf = (params: Readonly<Record<string, string>>): string => params['name'] ?? ''

const shown = (peer: StoredPeer): Peer => ({ ...peer, apiVersion: GROUP_VERSION, kind: 'Peer' })
