import { parseAs } from '@porpulsion/contract'
import {
  isAlreadyExists,
  isConflict,
  isNotFound,
  Secret,
  type KubeClient,
  type KubeObject,
  type Stored,
} from '@porpulsion/kube'
import { neverRenewed, RenewalRecord, type IdentityRecord } from './identity-record.ts'
import type { IdentityStore, StoredIdentity } from './identity-store.ts'
import { PeerKind } from './kube-peer-store.ts'

const secretName = 'porpulsion-identity'
const certificateKey = 'ca.crt'
const privateKey = 'ca.key'
/** Only there once the CA was renewed, or is being: the key of the other CA lies in it. */
const renewalKey = 'renewal'

/** The CA in Secret `porpulsion-identity`. It is made once, changed by a renewal alone, and never deleted here. */
export function createKubeIdentityStore(client: KubeClient, namespace: string): IdentityStore {
  const ref = { namespace, name: secretName }
  const labels = {
    'app.kubernetes.io/name': 'porpulsion',
    'app.kubernetes.io/managed-by': 'porpulsion',
  }
  return {
    async read(signal) {
      const secret = await client.find(Secret, ref, { signal })
      return secret === undefined ? undefined : identityIn(secret)
    },

    async create(keys, signal) {
      const data = dataOf({ keys, ...neverRenewed })
      try {
        const secret = { metadata: { ...ref, labels }, data }
        return identityIn(await client.create(Secret, secret, { signal }))
      } catch (error) {
        if (isAlreadyExists(error)) return undefined
        throw error
      }
    },

    async replace({ record, version }, signal) {
      // Merged: labels and annotations that others have put on it stay.
      const body = { metadata: { resourceVersion: version }, data: dataOf(record) }
      try {
        const written = await client.patch(Secret, ref, { kind: 'merge', body }, { signal })
        return written.metadata.resourceVersion
      } catch (error) {
        // Gone counts as changed: the next read says which of the two it is.
        if (isConflict(error) || isNotFound(error)) return undefined
        throw error
      }
    },

    async hasPeers(signal) {
      const { items } = await client.listPage(PeerKind, { namespace, limit: 1, signal })
      return items.length > 0
    },
  }
}

type SecretObject = KubeObject & { readonly data?: Readonly<Record<string, string>> }

function identityIn({ data, metadata }: Stored<SecretObject>): StoredIdentity {
  const decoded = (key: string): string | undefined =>
    data?.[key] === undefined ? undefined : Buffer.from(data[key], 'base64').toString()
  const required = (key: string): string => {
    const value = decoded(key)
    if (value === undefined) throw new Error(`it has no key ${key}`)
    return value
  }
  const keys = { certificatePem: required(certificateKey), keyPem: required(privateKey) }
  const renewal = decoded(renewalKey)
  const rest = renewal === undefined ? neverRenewed : readRenewal(renewal)
  return { record: { keys, ...rest }, version: metadata.resourceVersion }
}

function readRenewal(text: string): RenewalRecord {
  try {
    return parseAs(RenewalRecord, JSON.parse(text))
  } catch {
    // Without the cause: what a parser quotes of it may be a key.
    throw new Error(`its key ${renewalKey} cannot be read`)
  }
}

function dataOf({ keys, ...renewal }: IdentityRecord): Record<string, string> {
  const encode = (text: string): string => Buffer.from(text).toString('base64')
  const isNew = renewal.sequence === 0
  return {
    [certificateKey]: encode(keys.certificatePem),
    [privateKey]: encode(keys.keyPem),
    ...(!isNew && { [renewalKey]: encode(JSON.stringify(renewal)) }),
  }
}
