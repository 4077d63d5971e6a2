/** Claims that were to stay when their app went: nobody's now, and still storage that the owner gave to a peer. */
import {
  parseQuantity,
  peerNamespace,
  type AppSpec,
  type ExecutingApp,
  type ExecutingAppSpec,
} from '@porpulsion/contract'
import type { Informer, PersistentVolumeClaim } from '@porpulsion/kube'
import { claimName } from './kube-app-names.ts'

export interface LeftClaimsDeps {
  /** Those that stay, of all peers. */
  readonly claims: Pick<Informer<PersistentVolumeClaim>, 'list'>
  readonly records: Pick<Informer<ExecutingApp, string>, 'list'>
}

/** An app that would find its claims again. */
export interface ClaimingApp {
  readonly peer: ExecutingAppSpec['peer']
  readonly submitter: Pick<ExecutingAppSpec['submitter'], 'namespace' | 'name'>
  readonly spec: AppSpec
}

/** In nano-units, like all amounts. */
export interface LeftStorage {
  readonly all: bigint
  readonly peer: bigint
}

export interface LeftClaims {
  /** What lies about, but for what this app would take up again. */
  storage(fingerprint: string, besides?: ClaimingApp): LeftStorage
}

export function createLeftClaims({ claims, records }: LeftClaimsDeps): LeftClaims {
  return {
    storage(fingerprint, besides) {
      const kept = claims.list()
      // The usual case, and asked for every app that comes.
      if (kept.length === 0) return { all: 0n, peer: 0n }
      const used = new Set(
        records
          .list()
          .flatMap(({ spec }) => [
            ...namesOf(spec, spec.app),
            ...(spec.update === undefined ? [] : namesOf(spec, spec.update.app)),
          ]),
      )
      if (besides !== undefined) for (const name of namesOf(besides, besides.spec)) used.add(name)
      const own = peerNamespace(fingerprint)
      let [all, peer] = [0n, 0n]
      for (const { metadata, spec } of kept) {
        const { namespace = '', name } = metadata
        if (used.has(`${namespace}/${name}`)) continue
        const storage = parseQuantity(spec?.resources?.requests?.['storage'] ?? '') ?? 0n
        all += storage
        if (namespace === own) peer += storage
      }
      return { all, peer }
    },
  }
}

function namesOf(
  { peer, submitter }: Pick<ClaimingApp, 'peer' | 'submitter'>,
  { pvcs = [] }: AppSpec,
): string[] {
  const namespace = peerNamespace(peer.fingerprint)
  return pvcs.map(({ name }) => `${namespace}/${claimName({ peer, submitter }, name)}`)
}
