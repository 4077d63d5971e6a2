/** Where each field of a spec stands in the form: what everybody needs first, the rest by what it is about. */
import type { RemoteAppSpec } from '@porpulsion/contract'

export type SpecField = keyof RemoteAppSpec

export interface Section {
  readonly id: string
  readonly title: string
  readonly fields: readonly SpecField[]
}

/** Always in sight; they have inputs of their own making. */
export const essentials = [
  'targetPeer',
  'image',
  'replicas',
  'ports',
] as const satisfies SpecField[]

export const sections: readonly Section[] = [
  { id: 'environment', title: 'Environment', fields: ['env'] },
  { id: 'resources', title: 'CPU and memory', fields: ['resources'] },
  {
    id: 'health',
    title: 'Health checks',
    fields: ['readinessProbe', 'livenessProbe', 'startupProbe', 'readyTimeoutSeconds'],
  },
  { id: 'files', title: 'Config and secret files', fields: ['configMaps', 'secrets'] },
  { id: 'storage', title: 'Storage', fields: ['pvcs', 'emptyDirs'] },
  { id: 'command', title: 'Command', fields: ['command', 'args'] },
  { id: 'init', title: 'Init containers', fields: ['initContainers'] },
  { id: 'pull', title: 'Pulling the image', fields: ['imagePullPolicy', 'imagePullSecrets'] },
  { id: 'security', title: 'Security', fields: ['securityContext'] },
  { id: 'labels', title: 'Labels and annotations', fields: ['labels', 'annotations'] },
]
