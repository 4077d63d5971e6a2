import { LRUCache } from 'lru-cache'
import { FIELD_MANAGER, type AppSpec } from '@porpulsion/contract'
import { controllerOf, ownerReference, Secret, type KubeClient } from '@porpulsion/kube'
import { appLabels } from './kube-app-objects.ts'
import type { StoredExecutingApp } from './kube-app-kinds.ts'
import { hasSecretValues, joinSecretValues } from './secret-values.ts'

const KEY = 'values.json'
/** A Secret of a given name never changes, so what was read once is good; this much of it is kept. */
const MAX_CACHED_BYTES = 32 * 1024 * 1024
const MAX_CACHED = 5_000

/** The secret values of hosted apps: one Secret per content, beside the record that names it. */
export class KubeSecretValues {
  readonly #client: KubeClient
  readonly #cache = new LRUCache<string, string>({
    max: MAX_CACHED,
    maxSize: MAX_CACHED_BYTES,
    sizeCalculation: (text) => Math.max(1, text.length),
  })

  constructor(client: KubeClient) {
    this.#client = client
  }

  /** The app as submitted; undefined when its values are lost or spoilt. */
  async wholeSpec(record: StoredExecutingApp, signal: AbortSignal): Promise<AppSpec | undefined> {
    const { app, secretValues } = record.spec
    if (secretValues === undefined) return hasSecretValues(app) ? undefined : app
    const values = await this.#read(record, secretValues.secretName, signal)
    if (values === undefined) return undefined
    try {
      return joinSecretValues(app, values)
    } catch {
      return undefined // not what we wrote: as good as lost, and submitted again
    }
  }

  /** Written before the record that names it, so that no record is ever without its values. */
  async write(
    namespace: string,
    secretName: string,
    values: string,
    labels: Record<string, string>,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#client.apply(
      Secret,
      {
        metadata: { namespace, name: secretName, labels },
        type: 'Opaque',
        data: { [KEY]: Buffer.from(values).toString('base64') },
      },
      { signal },
    )
    this.#cache.set(`${namespace}/${secretName}`, values)
  }

  /** What was read before may have been edited since: the next read asks the server. */
  forget(record: StoredExecutingApp): void {
    const { secretValues } = record.spec
    if (secretValues !== undefined)
      this.#cache.delete(`${record.metadata.namespace ?? ''}/${secretValues.secretName}`)
  }

  async #read(
    record: StoredExecutingApp,
    secretName: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const namespace = record.metadata.namespace ?? ''
    const key = `${namespace}/${secretName}`
    const cached = this.#cache.get(key)
    if (cached !== undefined) return cached
    const secret = await this.#client.find(Secret, { namespace, name: secretName }, { signal })
    const encoded = secret?.data?.[KEY]
    if (secret === undefined || encoded === undefined) return undefined
    // The record was not there yet when its first values were written.
    if (controllerOf(secret)?.uid !== record.metadata.uid)
      await this.#adopt(record, secretName, signal)
    const values = Buffer.from(encoded, 'base64').toString()
    this.#cache.set(key, values)
    return values
  }

  async #adopt(record: StoredExecutingApp, name: string, signal: AbortSignal): Promise<void> {
    await this.#client.apply(
      Secret,
      {
        metadata: {
          name,
          namespace: record.metadata.namespace ?? '',
          labels: appLabels(record.spec),
          ownerReferences: [ownerReference(record)],
        },
      },
      // A manager of its own: under the usual one an apply without data would take the data away.
      { signal, fieldManager: `${FIELD_MANAGER}-owner` },
    )
  }
}
