import type { Peer } from '@porpulsion/contract'
import type { Client } from '../../client/client.ts'
import { unlessNotFound } from '../../wait/unless-not-found.ts'
import { waitFor, type Progress, type Waiting } from '../../wait/wait-for.ts'
import { pickPeer } from './wait-until-linked.ts'

/** They are made hard to compute, so that nobody can search for a pair that looks alike; it takes a moment. */
const timeoutMs = 15_000

/** The peer as soon as its six words are known. */
export async function peerWithWords(waiting: Waiting, client: Client, name: string): Promise<Peer> {
  const peer = await waitFor<Peer>({ ...waiting, report: () => Promise.resolve() }, client, {
    subject: name,
    read: () => unlessNotFound(client.call('getPeer', { params: { name } })),
    pick: (event) => pickPeer(event, name),
    judge: hasWords,
    timeoutMs,
  })
  return peer ?? client.call('getPeer', { params: { name } })
}

function hasWords(peer: Peer | undefined): Progress {
  const words = peer?.status?.words
  return words === undefined
    ? { kind: 'waiting', message: 'the six words are being computed' }
    : { kind: 'done', message: words }
}
