import {
  isPorpulsionError,
  PorpulsionError,
  shortFingerprint,
  type Notification,
  type NotificationReason,
  type OwnIdentity as IdentityView,
} from '@porpulsion/contract'
import { WorkQueue, type WorkQueueDeps, type WorkResult } from '@porpulsion/kube'
import { AGENT, type Audit } from '../audit/index.ts'
import type { Links } from '../links/index.ts'
import type { Logger } from '../observability/index.ts'
import {
  announced,
  announceCa,
  forgotten,
  nextStep,
  retired,
  switched,
  told,
  withdrawn,
  type OwnIdentity,
  type PeerDirectory,
  type Peers,
} from '../peers/index.ts'
import { identityView, peersOf, type PeerView, type Trouble } from './renewal-view.ts'

export interface IdentityRenewalDeps extends WorkQueueDeps {
  readonly identity: OwnIdentity
  readonly directory: PeerDirectory
  readonly links: Pick<Links, 'call' | 'view' | 'onChange'>
  readonly peers: Pick<Peers, 'whileNobodyPeers' | 'voidInvites'>
  readonly logger: Logger
  readonly audit: Audit
  readonly notify: (
    notification: Pick<Notification, 'message' | 'severity'> & {
      readonly reason: NotificationReason
    },
  ) => Promise<void>
}

const callTimeoutMs = 10_000
/** A peer that refused, or whose agent is too old, is asked again without waiting for a new link. */
const askAgainMs = 60_000
/** Stands for the renewal as a whole among the fingerprints of peers. */
const wholeKey = ''

/**
 * Carries a renewal of our CA from one stage to the next. Every step is stored before anything follows from it, and what
 * is to be done is asked of what is stored: whoever starts in the middle goes on there.
 */
export class IdentityRenewalController {
  readonly #deps: IdentityRenewalDeps
  readonly #queue: WorkQueue
  readonly #unsubscribe: (() => void)[] = []
  /** What stood in the way last, by fingerprint; as many as there are peers. */
  readonly #troubles = new Map<string, Trouble>()

  constructor(deps: IdentityRenewalDeps) {
    this.#deps = deps
    this.#queue = new WorkQueue(deps, {
      name: 'identity renewal',
      process: (key, signal) => (key === wholeKey ? this.#step(signal) : this.#tell(key, signal)),
      concurrency: 8,
      backoff: { minMs: 1_000, maxMs: 60_000 },
    })
  }

  /** Peers are read by now: who is not among them is not waited for. */
  start(): void {
    const { links, directory } = this.#deps
    this.#unsubscribe.push(
      directory.onChange(() => this.#queue.add(wholeKey)),
      links.onChange((fingerprint, { state }) => {
        if (state === 'Connected' && this.#untold().includes(fingerprint))
          this.#queue.add(fingerprint)
      }),
    )
    this.#queue.add(wholeKey)
    this.#queue.start()
  }

  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe()
    await this.#queue.stop()
  }

  view(): IdentityView {
    const { identity, directory } = this.#deps
    return identityView(
      identity,
      peersOf(identity.record, directory.list(), (fingerprint) => this.#troubleOf(fingerprint)),
    )
  }

  /** Who could follow a renewal now. Makes nothing. */
  async plan(signal: AbortSignal): Promise<IdentityView> {
    const { identity, directory } = this.#deps
    const peers = directory.list().map(async (peer): Promise<PeerView> => {
      if (!peer.confirmed) return { name: peer.name, state: 'Unconfirmed' }
      const trouble = await this.#ask(peer.fingerprint, signal)
      return { name: peer.name, ...(trouble ?? { state: 'Waiting' }) }
    })
    return identityView(identity, await Promise.all(peers))
  }

  /** Begins, or with `force` goes on without waiting for those who have not answered. */
  async rotate({ force }: { readonly force: boolean }, signal: AbortSignal): Promise<IdentityView> {
    const { identity } = this.#deps
    const { kind } = identity.record.stage
    if (kind === 'Switched' || (kind === 'Announced' && !force)) throw underWay(identity)
    if (kind === 'Settled') await this.#announce(signal)
    // Whoever is on the line gets to know it before nobody is waited for.
    if (force) {
      await Promise.allSettled(this.#untold().map((peer) => this.#tell(peer, signal)))
      await this.#switch(signal)
    }
    this.#queue.add(wholeKey)
    return this.view()
  }

  async cancel(signal: AbortSignal): Promise<IdentityView> {
    const { identity, directory } = this.#deps
    const { next, record } = identity
    if (record.stage.kind === 'Switched') throw tooLate()
    if (next === undefined) throw noRenewal()
    const peers = directory.list().map(({ fingerprint }) => fingerprint)
    await identity.update((now) => withdrawn(now, next.fingerprint, peers), signal)
    if (identity.record.stage.kind === 'Switched') throw tooLate()
    this.#troubles.clear()
    this.#queue.add(wholeKey)
    return this.view()
  }

  async forgetFormer(signal: AbortSignal): Promise<IdentityView> {
    const { identity } = this.#deps
    if (identity.record.stage.kind !== 'Switched') throw noRenewal()
    await identity.update(retired, signal)
    this.#troubles.clear()
    return this.view()
  }

  async #announce(signal: AbortSignal): Promise<void> {
    const { identity, clock, logger } = this.#deps
    const { keys, announcement } = await announceCa(identity, clock.now())
    const since = new Date(clock.now()).toISOString()
    this.#troubles.clear()
    await identity.update((record) => announced(record, keys, announcement, since), signal)
    logger.info(
      { fingerprint: identity.fingerprint, next: identity.next?.fingerprint },
      'Announced a new identity',
    )
  }

  async #step(signal: AbortSignal): Promise<void> {
    const { identity, directory } = this.#deps
    const { tell, then } = nextStep(identity.record.stage, directory.list())
    for (const fingerprint of tell) this.#queue.add(fingerprint)
    switch (then) {
      case 'Switch':
        await this.#switch(signal)
        this.#queue.add(wholeKey)
        break
      case 'Retire':
        await identity.update(retired, signal)
        this.#deps.logger.info({ fingerprint: identity.fingerprint }, 'Erased the former identity')
        break
      case 'Forget':
        await identity.update(forgotten, signal)
        break
      case 'Wait':
      case 'Nothing':
        break
      default:
        then satisfies never
    }
  }

  /** Not while somebody redeems an invite: both sides would hold another CA of us. */
  async #switch(signal: AbortSignal): Promise<void> {
    const { identity, directory, peers, clock, logger, audit } = this.#deps
    const former = await peers.whileNobodyPeers(async () => {
      const before = identity.fingerprint
      const since = new Date(clock.now()).toISOString()
      await identity.update((record) => {
        const present = directory.list().map(({ fingerprint }) => fingerprint)
        return switched(record, present, since)
      }, signal)
      // They name the former CA, so that whoever redeems one would take us for an impostor.
      if (identity.fingerprint !== before) await peers.voidInvites()
      return before
    })
    const { fingerprint } = identity
    if (fingerprint === former) return
    logger.info({ former, fingerprint }, 'Renewed the identity')
    audit.record({
      actor: AGENT,
      action: 'renewIdentity',
      about: `identity/${fingerprint}`,
      outcome: 'done',
    })
    await this.#deps.notify({
      reason: 'IdentityRenewed',
      severity: 'info',
      message: `The identity of this agent is renewed: its CA is ${shortFingerprint(fingerprint)}…, signed by the former one, ${shortFingerprint(former)}…. Open invites are void`,
    })
  }

  async #tell(fingerprint: string, signal: AbortSignal): Promise<WorkResult | undefined> {
    const { identity, links } = this.#deps
    const { sequence, stage } = identity.record
    if (!this.#untold().includes(fingerprint) || !this.#isUp(fingerprint)) return undefined
    try {
      const input = { signal, timeoutMs: callTimeoutMs }
      if (stage.kind === 'Settled') {
        const params = { fingerprint: stage.withdrawn?.fingerprint ?? '' }
        await links.call(fingerprint, 'withdrawIdentityRenewal', { ...input, params })
      } else {
        await links.call(fingerprint, 'putIdentityRenewal', { ...input, body: stage.announcement })
      }
    } catch (error) {
      const trouble = troubleOf(error)
      // Who cannot be told of an announcement never heard of the one that is withdrawn.
      if (stage.kind !== 'Settled' || trouble.state !== 'CannotRenew') {
        this.#troubles.set(fingerprint, trouble)
        return { requeueAfterMs: askAgainMs }
      }
    }
    await identity.update((record) => told(record, sequence, fingerprint), signal)
    this.#troubles.delete(fingerprint)
    this.#queue.add(wholeKey)
    return undefined
  }

  /** What would stand in the way of telling this peer. */
  async #ask(fingerprint: string, signal: AbortSignal): Promise<Trouble | undefined> {
    if (!this.#isUp(fingerprint)) return this.#troubleOf(fingerprint)
    try {
      const input = { signal, timeoutMs: callTimeoutMs }
      await this.#deps.links.call(fingerprint, 'getPinnedIdentity', input)
      return { state: 'Waiting', message: 'It can be told' }
    } catch (error) {
      return troubleOf(error)
    }
  }

  #untold(): readonly string[] {
    const { identity, directory } = this.#deps
    return nextStep(identity.record.stage, directory.list()).tell
  }

  #isUp(fingerprint: string): boolean {
    return this.#deps.links.view(fingerprint).state === 'Connected'
  }

  #troubleOf(fingerprint: string): Trouble {
    if (!this.#isUp(fingerprint))
      return { state: 'Waiting', message: 'The link is down; it is told when it is back' }
    return this.#troubles.get(fingerprint) ?? { state: 'Waiting' }
  }
}

function troubleOf(error: unknown): Trouble {
  if (!isPorpulsionError(error)) return { state: 'Waiting', message: String(error) }
  if (error.code === 'RouteNotFound')
    return { state: 'CannotRenew', message: 'Its agent is too old for this; update it' }
  return { state: waits.has(error.kind) ? 'Waiting' : 'Refused', message: error.message }
}

/** Passes by itself. */
const waits: ReadonlySet<PorpulsionError['kind']> = new Set([
  'Unavailable',
  'Timeout',
  'Aborted',
  'LimitExceeded',
])

const underWay = ({ record }: OwnIdentity): PorpulsionError =>
  new PorpulsionError(
    'FailedPrecondition',
    'RenewalUnderWay',
    record.stage.kind === 'Switched'
      ? 'The last renewal is not over: some peers know the former CA alone. Wait for them, remove them, or erase the former key'
      : 'A renewal is under way; wait for it, force it, or cancel it',
  )

const tooLate = (): PorpulsionError =>
  new PorpulsionError(
    'FailedPrecondition',
    'RenewalUnderWay',
    'The new CA is in use already; a renewal can be cancelled only before that. Renew once more instead',
  )

const noRenewal = (): PorpulsionError =>
  new PorpulsionError('FailedPrecondition', 'NoRenewal', 'There is no renewal under way')
