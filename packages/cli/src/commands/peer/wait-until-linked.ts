import type { ApiEvent, Peer } from '@porpulsion/contract'
import type { Client } from '../../client/client.ts'
import { durationSeconds } from '../../input/values.ts'
import type { WaitFlags } from '../../wait/options.ts'
import { waitFor, type Progress, type Waiting } from '../../wait/wait-for.ts'
import { unlessNotFound } from '../../wait/unless-not-found.ts'

const defaultTimeoutSeconds = 300

/** Until the link is up and both sides have confirmed. */
export async function waitUntilLinked(
  waiting: Waiting,
  client: Client,
  name: string,
  { timeout }: WaitFlags,
): Promise<void> {
  const seconds =
    timeout === undefined ? defaultTimeoutSeconds : durationSeconds('--timeout', timeout)
  await waitFor<Peer>(waiting, client, {
    subject: name,
    read: () => unlessNotFound(client.call('getPeer', { params: { name } })),
    pick: (event) => pickPeer(event, name),
    judge: judgePeer,
    timeoutMs: seconds * 1_000,
  })
}

export function pickPeer(event: ApiEvent, name: string): Peer | 'gone' | undefined {
  if (event.type === 'upsert' && event.kind === 'Peer' && event.object.metadata.name === name) {
    return event.object
  }
  const isGone = event.type === 'delete' && event.kind === 'Peer' && event.name === name
  return isGone ? 'gone' : undefined
}

function judgePeer(peer: Peer | undefined): Progress {
  const { link, confirmedByPeer, linkMessage } = peer?.status ?? {}
  if (link === 'Connected' && confirmedByPeer === true) return { kind: 'done', message: 'linked' }
  if (link === 'Connected') return { kind: 'waiting', message: 'the peer has not confirmed yet' }
  return { kind: 'waiting', message: linkMessage ?? link ?? 'not linked yet' }
}
