/**
 * What a person would do with two fresh clusters, done for them: peer every pair, run an app of one at the other, open
 * its page. Each step looks first, so that a resumed demo does only what is missing.
 */
import type { IncomingMessage } from 'node:http'
import { request } from 'node:http'
import {
  createdApp,
  isPorpulsionError,
  type Peer,
  PorpulsionError,
  type RemoteApp,
} from '@porpulsion/contract'
import type { Client } from '../client/client.ts'
import { readText } from '../client/transport.ts'
import { waitUntilReady } from '../commands/app/wait-until-ready.ts'
import { fingerprintOf } from '../commands/peer/describe-peer.ts'
import { peerWithWords } from '../commands/peer/peer-with-words.ts'
import { waitUntilLinked } from '../commands/peer/wait-until-linked.ts'
import { unlessNotFound } from '../wait/unless-not-found.ts'
import type { Waiting } from '../wait/wait-for.ts'
import type { Steps } from './steps.ts'

export interface ReadyMember {
  readonly name: string
  readonly client: Client
}

export async function bringUp(
  steps: Steps,
  members: readonly ReadyMember[],
  signal: AbortSignal,
): Promise<void> {
  const waiting: Waiting = { signal, report: () => Promise.resolve() }
  for (const [one, other] of pairsOf(members)) {
    await steps.run(`${one.name} and ${other.name} are peers`, (say) =>
      peer(waiting, one, other, say),
    )
    await steps.run(`The link between ${one.name} and ${other.name} is up`, async () => {
      await Promise.all([
        waitUntilLinked(waiting, one.client, other.name, {}),
        waitUntilLinked(waiting, other.client, one.name, {}),
      ])
    })
  }
  const [submitter, host] = members
  if (submitter === undefined || host === undefined) return
  const asked = await steps.run(`${submitter.name} runs the app "hello" at ${host.name}`, (say) =>
    deployHello(submitter, host, say),
  )
  await steps.run('hello is ready', async (say) => {
    const app = await waitUntilReady(waiting, submitter.client, asked, {})
    say(`${app.status?.readyReplicas ?? 0} of ${app.status?.replicas ?? 0} pods`)
  })
  await steps.run(`Its page, fetched through ${submitter.name}`, async (say) => {
    say(await fetchPage(submitter.client, signal))
  })
}

function pairsOf<T>(items: readonly T[]): (readonly [T, T])[] {
  return items.flatMap((one, at) => items.slice(at + 1).map((other) => [one, other] as const))
}

async function peer(
  waiting: Waiting,
  one: ReadyMember,
  other: ReadyMember,
  say: (more: string) => void,
): Promise<void> {
  const [known, knownThere] = await Promise.all([findPeer(one, other), findPeer(other, one)])
  if (known?.spec.confirmed === true && knownThere?.spec.confirmed === true) {
    say('since before')
    return
  }
  if (knownThere === undefined) {
    const { bundle } = await one.client.call('createInvite', { body: {} })
    await other.client.call('addPeer', { body: { bundle, as: one.name } })
  }
  const [here, there] = await Promise.all([
    peerWithWords(waiting, one.client, other.name),
    peerWithWords(waiting, other.client, one.name),
  ])
  // What two operators do on the phone.
  if (here.status?.words !== there.status?.words) throw wordsDiffer(one, other)
  await Promise.all([confirm(one, here), confirm(other, there)])
  say(here.status?.words ?? '')
}

const findPeer = ({ client }: ReadyMember, { name }: ReadyMember): Promise<Peer | undefined> =>
  unlessNotFound(client.call('getPeer', { params: { name } }))

async function confirm({ client }: ReadyMember, known: Peer): Promise<void> {
  await client.call('confirmPeer', {
    params: { name: known.metadata.name },
    body: { fingerprint: fingerprintOf(known) },
  })
}

async function deployHello(
  { client }: ReadyMember,
  host: ReadyMember,
  say: (more: string) => void,
): Promise<RemoteApp> {
  const body = {
    metadata: { name: 'hello' },
    spec: { targetPeer: host.name, image: 'porpulsion/hello', ports: [{ port: 8080 }] },
  }
  try {
    return createdApp(await client.call('createRemoteApp', { body }))
  } catch (error) {
    if (!isPorpulsionError(error) || error.kind !== 'AlreadyExists') throw error
    say('since before')
    return client.call('getRemoteApp', { params: { id: 'hello' } })
  }
}

async function fetchPage(client: Client, signal: AbortSignal): Promise<string> {
  const { url } = await client.call('createAppUrl', { params: { id: 'hello' }, body: {} })
  const response = await open(new URL(url), signal)
  const page = await readText(response)
  if (response.statusCode !== 200) {
    throw new PorpulsionError(
      'FailedPrecondition',
      'DemoFailed',
      `The page answered ${response.statusCode ?? 0}: ${page.slice(0, 200)}`,
    )
  }
  return `200, ${page.length} characters of ${response.headers['content-type'] ?? 'unknown type'}`
}

/** `*.localhost` is this machine, though not every resolver knows it: dial loopback, keep the name in the Host header. */
function open(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: url.port,
      path: url.pathname + url.search,
      headers: { host: url.host, accept: '*/*' },
      signal,
    }
    request(options, resolve).once('error', reject).end()
  })
}

function wordsDiffer(one: ReadyMember, other: ReadyMember): PorpulsionError {
  return new PorpulsionError(
    'Forbidden',
    'FingerprintMismatch',
    `${one.name} and ${other.name} see different words: somebody is between them`,
  )
}
