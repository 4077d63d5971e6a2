import { X509Certificate } from 'node:crypto'
import type { NewNotification, Notifications, Trouble } from '../notifications/index.ts'
import { createTasks, type Clock, type Logger } from '../observability/index.ts'
import type { Identity, KnownPeer, LinkViews, PeerDirectory } from '../peers/index.ts'
import { aboutPeer, identityAlarm, linkAlarms, linkReasons } from './link-alarms.ts'

export interface LinkWatcherDeps {
  readonly links: LinkViews
  readonly directory: Pick<PeerDirectory, 'list' | 'byFingerprint' | 'onChange'>
  readonly identity: Pick<Identity, 'caCertificatePem'>
  readonly alarms: Pick<Notifications, 'raise' | 'resolve'>
  readonly clock: Clock
  readonly logger: Logger
}

export interface LinkWatcher {
  start(): void
  stop(): Promise<void>
}

/** Most of it comes about by the passing of time, which no event announces. */
const LOOK_MS = 30_000

/** Tells people of links in trouble. Level-triggered: each look judges anew, and what is known already costs nothing. */
export function watchLinks(deps: LinkWatcherDeps): LinkWatcher {
  const { links, directory, identity, alarms, clock } = deps
  const tasks = createTasks(deps.logger)
  const unsubscribe: (() => void)[] = []
  /** By fingerprint: peers that may have something raised. */
  let known = new Map<string, KnownPeer>()
  let cancelLook: (() => void) | undefined

  const raise = (alarm: NewNotification): void => tasks.run('raise', () => alarms.raise(alarm))
  const resolve = (trouble: Trouble): void => tasks.run('resolve', () => alarms.resolve(trouble))

  function judge(peer: KnownPeer): void {
    const about = aboutPeer(peer)
    const { raise: raised, over } = linkAlarms(peer, links.view(peer.fingerprint), clock.now())
    raised.forEach(raise)
    for (const reason of over) resolve({ reason, about })
    judgeIdentity(`peer "${peer.name}"`, peer.caCertificatePem, { about })
  }

  function judgeIdentity(whose: string, pem: string, subject: Pick<Trouble, 'about'>): void {
    const alarm = identityAlarm(whose, endOf(pem), clock.now())
    if (alarm === undefined) resolve({ reason: 'IdentityExpiring', ...subject })
    else raise({ ...alarm, ...subject })
  }

  function look(): void {
    const present = new Map(directory.list().map((peer) => [peer.fingerprint, peer]))
    for (const [fingerprint, peer] of known)
      if (!present.has(fingerprint))
        for (const reason of linkReasons) resolve({ reason, about: aboutPeer(peer) })
    known = present
    present.forEach(judge)
    judgeIdentity('this agent', identity.caCertificatePem, {})
  }

  function lookAgain(): void {
    look()
    cancelLook = clock.setTimeout(lookAgain, LOOK_MS)
  }

  return {
    start() {
      unsubscribe.push(
        directory.onChange(look),
        links.onChange((fingerprint) => {
          const peer = directory.byFingerprint(fingerprint)
          if (peer !== undefined) judge(peer)
        }),
      )
      lookAgain()
    },
    async stop() {
      for (const off of unsubscribe.splice(0)) off()
      cancelLook?.()
      await tasks.stop()
    },
  }
}

/** Both were read as certificates before. */
const endOf = (pem: string): number => Date.parse(new X509Certificate(pem).validTo)
