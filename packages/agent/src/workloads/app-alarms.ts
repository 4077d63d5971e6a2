/** What lasts and somebody should hear of: apps that crash again and again, on both sides, and totals nearly used up. */
import type { ExecutingApp, RemoteApp } from '@porpulsion/contract'
import type { NewNotification, Trouble } from '../notifications/index.ts'
import { createTasks, type Clock, type Logger } from '../observability/index.ts'
import { totalLevel, type PeerRules, type TotalLevel } from '../policy/index.ts'
import { crashLoopOf } from './crash-loop.ts'
import type { HostedUsage } from './hosted-usage.ts'
import type { KubeHostedAppStore } from './kube-hosted-app-store.ts'
import type { KubeRemoteAppStore } from './kube-remote-app-store.ts'
import type { Alarms, Directory, SettingsInForce } from './neighbours.ts'

export interface AppAlarmsDeps {
  readonly remoteApps: Pick<KubeRemoteAppStore, 'on' | 'list'>
  readonly records: Pick<KubeHostedAppStore['records'], 'on' | 'list'>
  readonly usage: Pick<HostedUsage, 'besides'>
  readonly rulesOf: (fingerprint: string) => PeerRules
  readonly peers: Directory
  readonly settings: SettingsInForce
  readonly alarms: Alarms
  readonly clock: Clock
  readonly logger: Logger
}

/** Some of it is over by the passing of time alone. */
const LOOK_MS = 60_000
/** No app has this uid: what all take besides it is what all take. */
const NO_APP = ''

/** Level-triggered: every look judges anew, and what is known already costs nothing. */
export class AppAlarms {
  readonly #deps: AppAlarmsDeps
  readonly #tasks: ReturnType<typeof createTasks>
  readonly #unsubscribe: (() => void)[] = []
  #cancelLook: (() => void) | undefined
  /** Totals are judged once for all that changed together. */
  #isTotalsDue = false

  constructor(deps: AppAlarmsDeps) {
    this.#deps = deps
    this.#tasks = createTasks(deps.logger)
  }

  /** The stores are complete by now. */
  start(): void {
    const { remoteApps, records, settings } = this.#deps
    this.#unsubscribe.push(
      remoteApps.on(({ kind, app }) => this.#judge(app, kind === 'delete')),
      records.on(({ kind, object }) => {
        this.#judge(object, kind === 'deleted')
        this.#judgeTotalsSoon()
      }),
      settings.onChange(() => this.#judgeTotalsSoon()),
    )
    this.#look()
  }

  async stop(): Promise<void> {
    for (const off of this.#unsubscribe.splice(0)) off()
    this.#cancelLook?.()
    await this.#tasks.stop()
  }

  #look(): void {
    const { remoteApps, records, clock } = this.#deps
    for (const app of [...remoteApps.list(), ...records.list()]) this.#judge(app, false)
    this.#judgeTotalsSoon()
    this.#cancelLook = clock.setTimeout(() => this.#look(), LOOK_MS)
  }

  #judge(app: RemoteApp | ExecutingApp, isGone: boolean): void {
    const about = subjectOf(app)
    const crashes = crashLoopOf(app.status, this.#deps.clock.now())
    const isGoing = isGone || app.metadata.deletionTimestamp !== undefined
    if (isGoing || crashes.kind === 'over') this.#resolve({ reason: 'AppCrashLooping', about })
    else if (crashes.kind === 'looping')
      this.#raise({
        reason: 'AppCrashLooping',
        message: `${nameOf(app)} ends again and again: ${crashes.message}`,
        severity: 'warning',
        about,
      })
  }

  #judgeTotalsSoon(): void {
    if (this.#isTotalsDue) return
    this.#isTotalsDue = true
    queueMicrotask(() => {
      this.#isTotalsDue = false
      this.#judgeTotals()
    })
  }

  #judgeTotals(): void {
    const { usage, peers, settings, rulesOf } = this.#deps
    const all = totalLevel(usage.besides('', NO_APP).all, settings.current().totals)
    this.#tellTotal(all, {}, 'all peers together')
    for (const { name, fingerprint } of peers.list()) {
      const level = totalLevel(
        usage.besides(fingerprint, NO_APP).peer,
        rulesOf(fingerprint).peerTotals,
      )
      this.#tellTotal(level, { about: { kind: 'Peer', name } }, `peer "${name}"`)
    }
  }

  #tellTotal(level: TotalLevel, subject: Pick<Trouble, 'about'>, whose: string): void {
    const reason = 'TotalNearlyUsed'
    if (level.kind === 'below') this.#resolve({ reason, ...subject })
    else if (level.kind === 'near')
      this.#raise({
        reason,
        message: `Apps of ${whose} use nearly all they may here: ${level.parts.join(', ')}. At the total new ones are refused`,
        severity: 'warning',
        ...subject,
      })
  }

  #raise(notification: NewNotification): void {
    this.#tasks.run('raise', () => this.#deps.alarms.raise(notification))
  }

  #resolve(trouble: Trouble): void {
    this.#tasks.run('resolve', () => this.#deps.alarms.resolve(trouble))
  }
}

function subjectOf({ kind, metadata }: RemoteApp | ExecutingApp): NonNullable<Trouble['about']> {
  const { name, namespace, uid } = metadata
  return {
    kind,
    name,
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
  }
}

function nameOf(app: RemoteApp | ExecutingApp): string {
  return app.kind === 'RemoteApp'
    ? `App "${app.metadata.name}" at peer "${app.spec.targetPeer}"`
    : `App "${app.spec.submitter.name}" of peer "${app.spec.peer.name}"`
}
