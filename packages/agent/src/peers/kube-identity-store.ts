import { isAlreadyExists, Secret, type KubeClient } from '@porpulsion/kube'
import type { IdentityStore } from './identity-store.ts'
import { PeerKind } from './kube-peer-store.ts'

const secretName = 'porpulsion-identity'
const certificateKey = 'ca.crt'
const privateKey = 'ca.key'

/** The CA in Secret `porpulsion-identity`. Nothing here ever replaces or deletes it. */
export function createKubeIdentityStore(client: KubeClient, namespace: string): IdentityStore {
  const ref = { namespace, name: secretName }
  return {
    async read(signal) {
      const secret = await client.find(Secret, ref, { signal })
      if (secret === undefined) return undefined
      const decoded = (key: string): string => {
        const value = secret.data?.[key]
        if (value === undefined) throw new Error(`it has no key ${key}`)
        return Buffer.from(value, 'base64').toString()
      }
      return { certificatePem: decoded(certificateKey), keyPem: decoded(privateKey) }
    },

    async create({ certificatePem, keyPem }, signal) {
      const encode = (text: string): string => Buffer.from(text).toString('base64')
      const labels = {
        'app.kubernetes.io/name': 'porpulsion',
        'app.kubernetes.io/managed-by': 'porpulsion',
      }
      const data = { [certificateKey]: encode(certificatePem), [privateKey]: encode(keyPem) }
      try {
        await client.create(Secret, { metadata: { ...ref, labels }, data }, { signal })
        return 'created'
      } catch (error) {
        if (isAlreadyExists(error)) return 'exists'
        throw error
      }
    },

    async hasPeers(signal) {
      const { items } = await client.listPage(PeerKind, { namespace, limit: 1, signal })
      return items.length > 0
    },
  }
}
