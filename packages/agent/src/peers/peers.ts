import type {
  ApiEvent,
  Notification,
  NotificationReason,
  RedeemReply,
  Settings,
} from '@porpulsion/contract'
import { isPorpulsionError, shortFingerprint } from '@porpulsion/contract'
import type { Audit } from '../audit/index.ts'
import type { DocumentStore } from '../documents/index.ts'
import { createStoredRecord } from '../documents/index.ts'
import type { Clock, Logger, Random } from '../observability/index.ts'
import { backoffMs, createTasks, sleep } from '../observability/index.ts'
import { addPeer, keepPeer, type AddPeerOptions } from './add-peer.ts'
import { AttemptLimit } from './attempt-limit.ts'
import { confirmPeer, peerNotFound } from './confirm-peer.ts'
import type { Identity } from './identity.ts'
import { PeerRenewals } from './peer-renewals.ts'
import { InviteBook, InviteDocument } from './invite-book.ts'
import { defaultInviteSeconds, newInvite, type InviteRecord, type NewInvite } from './invite.ts'
import type { PeerDirectory, RemovalChoices, RemovalHandler } from './known-peer.ts'
import type { LinkViews } from './link-view.ts'
import { PeerController, type PeerControllerDeps } from './peer-controller.ts'
import { freeName } from './peer-name.ts'
import { PeeringGate } from './peering-gate.ts'
import { PeerReconciler } from './peer-reconciler.ts'
import type { PeerStore, StoredPeer } from './peer-store.ts'
import type { RedeemClient } from './redeem-client.ts'
import { redeemInvite, type Redeemer } from './redeem-invite.ts'
import { removePeer } from './remove-peer.ts'
import { RevocationDocument, Revocations } from './revocations.ts'
import { StoredPeerDirectory } from './stored-peer-directory.ts'
import { noUrl } from './no-url.ts'

export interface PeersDeps {
  readonly identity: Identity
  readonly store: PeerStore
  /** Secret `porpulsion-invites`. */
  readonly inviteDocument: DocumentStore
  /** ConfigMap `porpulsion-revoked`. */
  readonly revocationDocument: DocumentStore
  readonly redeemClient: RedeemClient
  readonly settings: () => Settings
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly report: PeerControllerDeps['report']
  /** To the event stream of the API. */
  /** This peer was added by an invite, and has pinned the CA we have now. Before either side relies on it. */
  readonly onMet: (fingerprint: string) => Promise<void>
  readonly publish: (event: ApiEvent) => void
  readonly notify: (
    notification: Pick<Notification, 'message' | 'severity' | 'about'> & {
      readonly reason: NotificationReason
    },
  ) => Promise<void>
  readonly audit: Audit
}

export interface PeersOptions {
  /** Where peers reach this agent; left out when they cannot. */
  readonly selfUrl?: string
}

export interface InviteRequest {
  readonly createdBy: string
  readonly expiresInSeconds?: number | undefined
  readonly autoConfirm?: boolean | undefined
}

/** Whom we trust, and how that comes about and ends. */
export interface Peers {
  readonly identity: Identity
  readonly directory: PeerDirectory
  /** What peers say of their own CAs. */
  readonly renewals: Pick<PeerRenewals, 'pinned' | 'pin' | 'withdraw'>
  /** A session with this peer came up, proven by this CA of it. */
  proven(fingerprint: string, ca: string): void
  /** Resolves once peers, invites and the revoked list are read. */
  load(signal: AbortSignal): Promise<void>
  /** From here on it acts: writes status, finishes removals. Whoever has a removal handler is ready by then. */
  start(): void
  stop(): Promise<void>
  /** Where the state of links comes from; once, by whoever makes them. */
  observeLinks(links: LinkViews): void
  onRemoval(handler: RemovalHandler): () => void
  /** Nobody redeems an invite meanwhile, neither here nor there. */
  whileNobodyPeers<T>(work: () => Promise<T>): Promise<T>
  /** All that are open. */
  voidInvites(): Promise<void>
  /** `POST /peer`: `body` is what a stranger sent. */
  redeem(body: unknown, remoteAddress: string): Promise<RedeemReply>
  createInvite(request: InviteRequest): Promise<NewInvite>
  listInvites(): readonly InviteRecord[]
  revokeInvite(id: string): Promise<void>
  /** With its status as of now. */
  list(): readonly StoredPeer[]
  get(name: string): StoredPeer
  add(options: AddPeerOptions, signal: AbortSignal): Promise<StoredPeer>
  confirm(name: string, compared: string | undefined): Promise<StoredPeer>
  remove(name: string, choices: RemovalChoices, signal: AbortSignal): ReturnType<typeof removePeer>
}

const keepBackoff = { minMs: 1_000, maxMs: 60_000 } as const

/** A CA that was given up must not count for as long as the cluster happens to be out of reach, and no longer. */
async function untilDone(
  { clock, random }: Pick<PeersDeps, 'clock' | 'random'>,
  work: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      await work()
      return
    } catch (error) {
      // Removed meanwhile: then nothing of it counts.
      if (isPorpulsionError(error) && error.code === 'PeerNotFound') return
      await sleep(clock, backoffMs(attempt, keepBackoff, random), signal)
    }
  }
}

/** Ten failures at once, then one every six seconds. */
const redeemLimit = { burst: 10, perMinute: 10 }

export function createPeers(deps: PeersDeps, options: PeersOptions): Peers {
  const { identity, store, clock, random, logger, report } = deps
  const tasks = createTasks(logger)
  const stopping = new AbortController()
  const removalHandlers = new Set<RemovalHandler>()
  let links: LinkViews | undefined

  const revocations = new Revocations(
    createStoredRecord(deps.revocationDocument, {
      schema: RevocationDocument,
      empty: { revoked: [] },
    }),
    () => directory.refresh(),
  )
  const directory = new StoredPeerDirectory(store, {
    isOurs: (fingerprint) => identity.isOurs(fingerprint),
    revocation: (fingerprint) => revocations.find(fingerprint),
  })
  const invites = new InviteBook({
    record: createStoredRecord(deps.inviteDocument, {
      schema: InviteDocument,
      empty: { invites: [] },
    }),
    clock,
    tasks,
    onChange: () => deps.publish({ type: 'changed', kind: 'Invites' }),
  })
  const reconciler = new PeerReconciler({
    identity,
    store,
    directory,
    revocations,
    clock,
    logger,
    publish: deps.publish,
    linkOf: (fingerprint) => links?.view(fingerprint),
    removalHandlers: () => [...removalHandlers],
  })
  const controller = new PeerController({ store, directory, reconciler, clock, random, report })
  const renewals = new PeerRenewals({
    store,
    directory,
    revocations,
    isOurs: (fingerprint) => identity.isOurs(fingerprint),
    clock,
    logger,
    audit: deps.audit,
    tell: (peer, former, next) => tasks.run('notify', () => tellOfRenewal(peer, former, next)),
  })
  const gate = new PeeringGate()
  const limit = new AttemptLimit(clock, redeemLimit)
  const live = (peer: StoredPeer): StoredPeer => reconciler.live(peer)

  /** The inviting side's half of a redemption: the redeemer is our peer from here on. */
  async function admit({ name, url, ca, autoConfirm }: Redeemer): Promise<void> {
    const confirmed = autoConfirm || deps.settings().peering.autoConfirm
    const free = freeName(name, ca.fingerprint, (wanted) => store.get(wanted) !== undefined)
    const peer = await keepPeer({ store, revocations }, { name: free, ca, url, confirmed })
    await deps.onMet(peer.status?.fingerprint ?? peer.spec.fingerprint ?? ca.fingerprint)
    if (peer.spec.confirmed !== true) tasks.run('notify', () => askToConfirm(peer))
  }

  async function askToConfirm({ metadata: { name, uid } }: StoredPeer): Promise<void> {
    await deps.notify({
      reason: 'PeerAwaitingConfirmation',
      severity: 'info',
      message: `"${name}" redeemed an invite. Compare the six words with its operator, then confirm it; until then it can do nothing here`,
      about: { kind: 'Peer', name, uid },
    })
  }

  async function tellOfRenewal(
    { metadata: { name, uid } }: StoredPeer,
    former: string,
    next: string,
  ): Promise<void> {
    await deps.notify({
      reason: 'PeerIdentityRenewed',
      severity: 'info',
      message: `Peer "${name}" renews its identity: its new CA ${shortFingerprint(next)}… is signed by the former one, ${shortFingerprint(former)}…. If its operator knows nothing of it, remove the peer`,
      about: { kind: 'Peer', name, uid },
    })
  }

  return {
    identity,
    directory,
    renewals,
    async load(signal) {
      signal.addEventListener('abort', () => stopping.abort(), { once: true })
      store.onChange(() => directory.refresh())
      directory.onChange(() => controller.all())
      await Promise.all([
        store.start(signal),
        revocations.start(stopping.signal),
        invites.start(stopping.signal),
      ])
      directory.refresh()
    },
    start: () => controller.start(),
    async stop() {
      stopping.abort()
      await controller.stop()
      await store.stop()
      await tasks.stop()
    },
    observeLinks(views) {
      links = views
      controller.follow(views)
      controller.all()
    },
    onRemoval(handler) {
      removalHandlers.add(handler)
      return () => removalHandlers.delete(handler)
    },
    proven: (fingerprint, ca) =>
      tasks.run('keep a renewal', (signal) =>
        untilDone(deps, () => renewals.proven(fingerprint, ca), signal),
      ),
    whileNobodyPeers: (work) => gate.alone(work),
    async voidInvites() {
      for (const { id } of invites.list()) await invites.revoke(id)
    },
    redeem: (body, remoteAddress) =>
      gate.peer(() =>
        redeemInvite(
          { identity, invites, limit, logger, admit, audit: deps.audit },
          body,
          remoteAddress,
        ),
      ),
    async createInvite({ createdBy, expiresInSeconds, autoConfirm }) {
      if (options.selfUrl === undefined) throw noUrl()
      const invite = newInvite({
        name: identity.name,
        url: options.selfUrl,
        fingerprint: identity.fingerprint,
        createdBy,
        nowMs: clock.now(),
        lifeSeconds: expiresInSeconds ?? defaultInviteSeconds,
        autoConfirm: autoConfirm ?? false,
      })
      await invites.add(invite.record)
      return invite
    },
    listInvites: () => invites.list(),
    revokeInvite: (id) => invites.revoke(id),
    list: () =>
      store
        .list()
        .map(live)
        .sort((a, b) => a.metadata.name.localeCompare(b.metadata.name)),
    get(name) {
      const peer = store.get(name)
      if (peer === undefined) throw peerNotFound(name)
      return live(peer)
    },
    async add(request, signal) {
      const confirm = request.confirm || deps.settings().peering.autoConfirm
      const adding = {
        identity,
        store,
        revocations,
        clock,
        client: deps.redeemClient,
        selfUrl: options.selfUrl,
      }
      return await gate.peer(async () => {
        const peer = await addPeer(adding, { ...request, confirm }, signal)
        await deps.onMet(peer.status?.fingerprint ?? peer.spec.fingerprint ?? '')
        return live(peer)
      })
    },
    confirm: async (name, compared) =>
      live(await confirmPeer({ identity, store, directory }, name, compared)),
    remove: (name, choices, signal) =>
      removePeer({ store, directory, revocations, reconciler, clock }, name, choices, signal),
  }
}
