/** What hosts say to us about the apps they run for us. Which host speaks is proven; what it may speak of is ours to say. */
import { PorpulsionError, type StatusReport } from '@porpulsion/contract'
import type { CallingPeer, PeerHandlers } from '../api/index.ts'
import { peerActor, type Audit } from '../audit/index.ts'
import type { Clock } from '../observability/index.ts'
import type { StoredRemoteApp } from './kube-app-kinds.ts'
import type { KubeRemoteAppStore } from './kube-remote-app-store.ts'
import type { Directory } from './neighbours.ts'
import { generationOf, isSentTo, submittedApp } from './kube-submitted-app.ts'
import type { KubeSubmittedSpecs } from './kube-submitted-specs.ts'
import type { RemoteAppController } from './remote-app-controller.ts'
import { boundedReport } from './bounded-report.ts'
import type { Submissions, SubmittedApp } from './submissions.ts'

export interface SubmitterMessagesDeps {
  readonly store: KubeRemoteAppStore
  readonly submissions: Submissions
  readonly specs: Pick<KubeSubmittedSpecs, 'of'>
  readonly controller: Pick<RemoteAppController, 'enqueue'>
  readonly peers: Directory
  readonly clock: Clock
  readonly audit: Audit
}

export function submitterMessages(deps: SubmitterMessagesDeps): PeerHandlers {
  const { store, submissions, specs, controller, clock } = deps
  const asSubmitted = (app: StoredRemoteApp): SubmittedApp => submittedApp(app, specs.of(app).hash)

  /** The app, if it is this very peer that runs it. */
  function appOf(peer: CallingPeer, uid: string): StoredRemoteApp | undefined {
    const app = store.byUid(uid)
    return app !== undefined && isSentTo(app, peer, deps.peers) ? app : undefined
  }

  /** It is told as little as of an app that is not there; the owner hears that it spoke of one that is. */
  function auditForeign(peer: CallingPeer, action: string, uids: readonly string[]): void {
    const uid = uids.find((one) => store.byUid(one) !== undefined && appOf(peer, one) === undefined)
    if (uid === undefined) return
    const actor = peerActor(peer.name)
    deps.audit.record(
      { actor, action, about: `app/${uid}`, outcome: 'refused', reason: 'AppGone' },
      'frequent',
    )
  }

  function assertSynced(): void {
    if (!store.hasSynced)
      throw new PorpulsionError(
        'Unavailable',
        'AppUnknownHere',
        'This agent has not read its cluster yet and cannot know; ask again in a moment',
      )
  }

  return {
    getAppClaim: async ({ peer, params }) => {
      // An empty cache is no evidence of absence: on the answer depends whether the host deletes.
      assertSynced()
      const app = appOf(peer, params['uid'] ?? '')
      if (app === undefined || app.metadata.deletionTimestamp !== undefined)
        throw new PorpulsionError('NotFound', 'AppGone', 'This app was deleted here')
      return Promise.resolve({ generation: generationOf(app), specHash: specs.of(app).hash })
    },

    putStatus: async ({ peer, params, body }) => {
      assertSynced()
      const uid = params['uid'] ?? ''
      const app = appOf(peer, uid)
      // Not ours to show: its inventory will settle what becomes of it.
      if (app === undefined) {
        auditForeign(peer, 'putStatus', [uid])
        return Promise.resolve(undefined)
      }
      const report: StatusReport = boundedReport(body)
      if (submissions.reported(peer.fingerprint, asSubmitted(app), report, clock.now()))
        controller.enqueue(uid)
      return Promise.resolve(undefined)
    },

    postInventory: async ({ peer, body }) => {
      assertSynced()
      const apps = store.list().filter((app) => isSentTo(app, peer, deps.peers))
      const { reply, changed } = submissions.compared(peer.fingerprint, apps.map(asSubmitted), body)
      for (const uid of changed) controller.enqueue(uid)
      auditForeign(peer, 'postInventory', reply.unknown)
      return Promise.resolve(reply)
    },
  }
}
