import { Label, type FieldError, type RemoteAppSpec } from '@porpulsion/contract'
import { Informer, Secret, type InformerDeps, type Stored } from '@porpulsion/kube'
import type { StoredRemoteApp } from './kube-app-kinds.ts'
import { restartedAtOf } from './kube-submitted-app.ts'
import type { NormalisedAppSpec } from './normalise-app-spec.ts'
import { specHash } from './spec-hash.ts'
import { namesSharedSecrets, submittedSpec, type SharedSecret } from './submitted-spec.ts'

export interface Submittable {
  readonly spec: NormalisedAppSpec
  readonly hash: string
  /** Why it cannot be sent as it is. */
  readonly problems: readonly FieldError[]
}

interface Known extends Submittable {
  /** Of the Secrets it was made with. */
  readonly versions: string
}

/** What is sent of each RemoteApp, Secrets it names included; only those with the label are read at all. */
export class KubeSubmittedSpecs {
  readonly #informers: ReadonlyMap<string, Informer<Secret>>
  /** Objects from a cache are frozen and shared, so what follows from one can be kept with it. */
  readonly #known = new WeakMap<StoredRemoteApp, Known>()

  constructor(deps: InformerDeps, { namespaces }: { readonly namespaces: readonly string[] }) {
    this.#informers = new Map(
      namespaces.map((namespace) => [
        namespace,
        new Informer<Secret>(deps, { kind: Secret, namespace, labelSelector: Label.ShareWith }),
      ]),
    )
  }

  async start(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#informers.values()].map((informer) => informer.start(signal)))
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#informers.values()].map((informer) => informer.stop()))
  }

  /** Tells the namespace in which a shared Secret changed, came or went. */
  onChange(listener: (namespace: string) => void): () => void {
    const unsubscribe = [...this.#informers].map(([namespace, informer]) =>
      informer.on(() => listener(namespace)),
    )
    return () => unsubscribe.forEach((off) => off())
  }

  of(app: StoredRemoteApp): Submittable {
    const known = this.#known.get(app)
    const versions = this.#versions(app)
    if (known?.versions === versions) return known
    const { spec, problems } = this.ofSpec(app.metadata.namespace ?? '', app.spec)
    const hash = specHash({ name: app.metadata.name, restartedAt: restartedAtOf(app), spec })
    const made = { spec, hash, problems, versions }
    this.#known.set(app, made)
    return made
  }

  /** Of an app that is not there yet. */
  ofSpec(namespace: string, spec: RemoteAppSpec): Pick<Submittable, 'spec' | 'problems'> {
    return submittedSpec(spec, (name) => this.#find(namespace, name))
  }

  #versions(app: StoredRemoteApp): string {
    if (!namesSharedSecrets(app.spec)) return ''
    return namesOf(app.spec)
      .map(
        (name) => this.#stored(app.metadata.namespace ?? '', name)?.metadata.resourceVersion ?? '',
      )
      .join(',')
  }

  #find(namespace: string, name: string): SharedSecret | undefined {
    const secret = this.#stored(namespace, name)
    if (secret === undefined) return undefined
    const { type = 'Opaque', data = {}, metadata } = secret
    return { type, data, shareWith: metadata.labels?.[Label.ShareWith] ?? '' }
  }

  #stored(namespace: string, name: string): Stored<Secret> | undefined {
    return this.#informers.get(namespace)?.get({ namespace, name })
  }
}

function namesOf({ secrets = [], imagePullSecrets = [] }: RemoteAppSpec): string[] {
  return [...secrets.flatMap(({ fromSecret }) => fromSecret ?? []), ...imagePullSecrets]
}
