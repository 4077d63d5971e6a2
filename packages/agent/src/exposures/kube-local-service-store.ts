import { Label, PorpulsionError } from '@porpulsion/contract'
import {
  controllerOf,
  Informer,
  isAlreadyExists,
  isBeingDeleted,
  isForbidden,
  isInvalid,
  isNotFound,
  KubeError,
  Service,
  type InformerDeps,
  type KubeClient,
  type KubeObject,
  type ObjectRef,
  type Stored,
} from '@porpulsion/kube'
import type { ExposurePlace } from './exposure.ts'
import {
  changedLocalService,
  listenerPortIn,
  localServiceNames,
  newLocalService,
  type ListeningPort,
} from './kube-local-service.ts'

/** The Services of exposed ports: only those with our label, and of these only what belongs to the app. */
export class KubeLocalServiceStore {
  readonly informer: Informer<Service>
  readonly #client: KubeClient
  readonly #place: ExposurePlace

  constructor(
    deps: InformerDeps,
    { namespace, place }: { readonly namespace: string; readonly place: ExposurePlace },
  ) {
    this.#client = deps.client
    this.#place = place
    this.informer = new Informer(deps, {
      kind: Service,
      namespace,
      labelSelector: Label.Exposes,
    })
  }

  /** Of apps of this name, earlier ones included. */
  ofApp({ namespace, name }: ObjectRef): Stored<Service>[] {
    return this.informer
      .list()
      .filter(
        (service) => service.metadata.namespace === namespace && ownerOf(service)?.name === name,
      )
  }

  /** The listener's port that the Service of this app has for a port of it. */
  listenerPortOf(resource: Stored<KubeObject>, port: number): number | undefined {
    return listenerPortIn(this.#own(resource)[0], port)
  }

  /** Ports that Services of other apps lead to. */
  portsOfOthers(resource: Stored<KubeObject>): Set<number> {
    const others = this.informer
      .list()
      .filter((service) => ownerOf(service)?.uid !== resource.metadata.uid)
    const targets = others.flatMap(({ spec }) => spec?.ports?.map((port) => port.targetPort) ?? [])
    return new Set(targets.filter((port) => typeof port === 'number'))
  }

  /**
   * Resolves with the name of the Service. It keeps the name it has, so that nobody who found it loses it; a new one
   * gets the app's own if that is free. What others made is never touched. Throws `ClusterRefused`.
   */
  async ensure(
    resource: Stored<KubeObject>,
    ports: readonly ListeningPort[],
    signal: AbortSignal,
  ): Promise<string> {
    try {
      const [own] = this.#own(resource)
      return own === undefined
        ? await this.#create(resource, ports, signal)
        : await this.#correct(own, resource, ports, signal)
    } catch (error) {
      if (!(error instanceof KubeError) || !(isForbidden(error) || isInvalid(error))) throw error
      throw new PorpulsionError(
        'FailedPrecondition',
        'ClusterRefused',
        `This cluster refused the Service: ${error.message}`,
        { cause: error },
      )
    }
  }

  async removeAll(services: readonly Stored<Service>[], signal: AbortSignal): Promise<void> {
    for (const { metadata } of services)
      try {
        await this.#client.delete(Service, metadata, { uid: metadata.uid, signal })
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
  }

  #own({ metadata }: Stored<KubeObject>): Stored<Service>[] {
    return this.ofApp(metadata).filter(
      (service) => ownerOf(service)?.uid === metadata.uid && !isBeingDeleted(service),
    )
  }

  async #create(
    resource: Stored<KubeObject>,
    ports: readonly ListeningPort[],
    signal: AbortSignal,
  ): Promise<string> {
    const { preferred, fallback } = localServiceNames(resource)
    for (const name of [preferred, fallback]) {
      const service = newLocalService(name, resource, ports, this.#place)
      try {
        await this.#client.create(Service, service, { signal })
        return name
      } catch (error) {
        if (!isAlreadyExists(error)) throw error
        // Ours, made before the cache heard of it.
        const live = await this.#client.find(Service, { ...resource.metadata, name }, { signal })
        if (live !== undefined && ownerOf(live)?.uid === resource.metadata.uid)
          return await this.#correct(live, resource, ports, signal)
      }
    }
    throw new PorpulsionError(
      'AlreadyExists',
      'ClusterRefused',
      `Services ${preferred} and ${fallback} exist and are not of this app; remove or rename one of them`,
    )
  }

  async #correct(
    own: Stored<Service>,
    resource: Stored<KubeObject>,
    ports: readonly ListeningPort[],
    signal: AbortSignal,
  ): Promise<string> {
    const changed = changedLocalService(own, resource, ports, this.#place)
    if (changed !== undefined) await this.#client.update(Service, changed, { signal })
    return own.metadata.name
  }
}

/** A label is anybody's to set; that the app is its controller says whose a Service is. */
function ownerOf(
  service: Stored<Service>,
): { readonly uid: string; readonly name: string } | undefined {
  const owner = controllerOf(service)
  return owner?.kind === 'RemoteApp' ? owner : undefined
}
