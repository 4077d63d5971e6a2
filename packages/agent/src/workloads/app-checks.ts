/** A dry run: what the peer would say to an app, with everything at once, before anything of it is made. */
import {
  GROUP_VERSION,
  invalidFields,
  PorpulsionError,
  type AppCheck,
  type RemoteAppManifest,
} from '@porpulsion/contract'
import type { KubeRemoteAppStore } from './kube-remote-app-store.ts'
import { appIdOf } from './kube-submitted-app.ts'
import type { KubeSubmittedSpecs } from './kube-submitted-specs.ts'
import type { Directory, PeerLinks } from './neighbours.ts'
import { unknownPeer } from './remote-app-obstacle.ts'

export interface AppChecksDeps {
  readonly store: Pick<KubeRemoteAppStore, 'list' | 'defaultNamespace'>
  readonly specs: Pick<KubeSubmittedSpecs, 'ofSpec'>
  readonly peers: Pick<Directory, 'byName' | 'list'>
  readonly links: Pick<PeerLinks, 'call'>
}

export interface AppChecks {
  ask(manifest: RemoteAppManifest, signal: AbortSignal): Promise<AppCheck>
}

const CALL_TIMEOUT_MS = 15_000

export function createAppChecks({ store, specs, peers, links }: AppChecksDeps): AppChecks {
  return {
    async ask({ metadata, spec: remote }, signal) {
      const { name, namespace = store.defaultNamespace } = metadata
      const peer = peers.byName(remote.targetPeer)
      if (peer === undefined)
        throw new PorpulsionError(
          'NotFound',
          'PeerNotFound',
          unknownPeer(
            remote.targetPeer,
            peers.list().map((known) => known.name),
          ),
        )
      const { spec, problems } = specs.ofSpec(namespace, remote)
      if (problems.length > 0) throw invalidFields(problems)
      const existing = store
        .list()
        .find((app) => app.metadata.name === name && app.metadata.namespace === namespace)
      const status = await links.call(peer.fingerprint, 'checkApp', {
        body: { name, namespace, spec, ...(existing && { uid: appIdOf(existing) }) },
        signal,
        timeoutMs: CALL_TIMEOUT_MS,
      })
      return {
        apiVersion: GROUP_VERSION,
        kind: 'AppCheck',
        metadata: { name, namespace },
        spec: { targetPeer: remote.targetPeer, isUpdate: existing !== undefined },
        status,
      }
    },
  }
}
