import { PorpulsionError } from '@porpulsion/contract'
import {
  ConfigMap,
  Informer,
  isAlreadyExists,
  isConflict,
  isNotFound,
  KubeError,
  Secret,
  type InformerDeps,
  type KubeObject,
  type ResourceKind,
  type Stored,
} from '@porpulsion/kube'
import type { DocumentStore, StoredText } from './document-store.ts'

export interface KubeDocument {
  readonly kind: 'Secret' | 'ConfigMap'
  readonly namespace: string
  readonly name: string
  /** Key inside `data`. Other keys are left alone. */
  readonly key: string
}

/** One key of a Secret or ConfigMap. */
export function createKubeDocumentStore(deps: InformerDeps, document: KubeDocument): DocumentStore {
  const { client } = deps
  const { namespace, name, key } = document
  const { kind, encode, decode } = flavours[document.kind]
  const ref = { namespace, name }

  function textOf(object: Stored<Keyed> | undefined): StoredText | undefined {
    const value = object?.data?.[key]
    if (object === undefined || value === undefined) return undefined
    return { text: decode(value), version: object.metadata.resourceVersion }
  }

  /** A merge patch that names a resourceVersion is refused if the object is at another one. */
  async function replace(
    text: string,
    resourceVersion: string,
    signal?: AbortSignal,
  ): Promise<StoredText | undefined> {
    const body = { metadata: { resourceVersion }, data: { [key]: encode(text) } }
    try {
      return textOf(await client.patch(kind, ref, { kind: 'merge', body }, { signal }))
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) return undefined
      throw error
    }
  }

  async function create(text: string, signal?: AbortSignal): Promise<StoredText | undefined> {
    const labels = { 'app.kubernetes.io/managed-by': 'porpulsion' }
    const object = { metadata: { ...ref, labels }, data: { [key]: encode(text) } }
    try {
      return textOf(await client.create(kind, object, { signal }))
    } catch (error) {
      if (!isAlreadyExists(error)) throw error
    }
    // Somebody may have made the object without our key: a ConfigMap with `data: {}`.
    const existing = await client.find(kind, ref, { signal })
    if (existing === undefined || textOf(existing) !== undefined) return undefined
    return await replace(text, existing.metadata.resourceVersion, signal)
  }

  return {
    description: `${document.kind} ${namespace}/${name}`,
    read: (signal) =>
      guarded(document, async () => textOf(await client.find(kind, ref, { signal }))),
    write: (text, version, signal) =>
      guarded(document, () =>
        version === undefined ? create(text, signal) : replace(text, version, signal),
      ),
    remove: (signal) =>
      guarded(document, async () => {
        try {
          await client.delete(kind, ref, { signal })
        } catch (error) {
          if (!isNotFound(error)) throw error
        }
      }),
    async follow(listener, signal) {
      const informer = new Informer<Keyed>(deps, {
        kind,
        namespace,
        fieldSelector: { 'metadata.name': name },
      })
      informer.on((change) =>
        listener(change.kind === 'deleted' ? undefined : textOf(change.object)),
      )
      await informer.start(signal)
      if (informer.get(ref) === undefined) listener(undefined)
    },
  }
}

type Keyed = KubeObject & { data?: Record<string, string> }

interface Flavour {
  readonly kind: ResourceKind<Keyed>
  /** How the kind spells a text inside `data`. */
  readonly encode: (text: string) => string
  readonly decode: (value: string) => string
}

const flavours: Readonly<Record<KubeDocument['kind'], Flavour>> = {
  ConfigMap: { kind: ConfigMap, encode: (text) => text, decode: (value) => value },
  Secret: {
    kind: Secret,
    encode: (text) => Buffer.from(text).toString('base64'),
    decode: (value) => Buffer.from(value, 'base64').toString(),
  },
}

async function guarded<R>(document: KubeDocument, work: () => Promise<R>): Promise<R> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof KubeError) throw clusterError(document, error)
    throw error
  }
}

function clusterError({ kind, namespace, name }: KubeDocument, cause: KubeError): PorpulsionError {
  const what = `${kind} ${namespace}/${name}`
  const refused = cause.status >= 400 && cause.status < 500
  return refused
    ? new PorpulsionError(
        'FailedPrecondition',
        'ClusterRefused',
        `The cluster refused access to ${what}: ${cause.message}`,
        { cause },
      )
    : new PorpulsionError(
        'Unavailable',
        'ClusterUnavailable',
        `The cluster could not be asked about ${what}: ${cause.message}`,
        { cause },
      )
}
