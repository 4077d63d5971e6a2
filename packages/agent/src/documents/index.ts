/**
 * Small records the agent keeps in its cluster, one per Secret or ConfigMap: read, replaced only if unchanged,
 * followed. And the one way YAML is read.
 *
 * Must not know what any record means.
 */
export type { DocumentStore, StoredText } from './document-store.ts'
export { createMemoryDocumentStore } from './memory-document-store.ts'
export { createKubeDocumentStore, type KubeDocument } from './kube-document-store.ts'
export { createStoredRecord, type StoredRecord } from './stored-record.ts'
export { parseYaml } from './yaml.ts'
