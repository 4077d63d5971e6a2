/** Objects for tests: only what matters to a case has to be said. */
import type { Deployment, DeploymentSpec } from 'kubernetes-types/apps/v1.js'
import type {
  Container,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  Pod,
  PodSpec,
} from 'kubernetes-types/core/v1.js'
import type { StorageClass } from 'kubernetes-types/storage/v1.js'
import {
  defaultClassAnnotation,
  directoryClass,
  directoryProvisioner,
} from '../../src/registry/persistent-storage.ts'

export const namespace = 'default'

export function inDefault(name: string): { namespace: string; name: string } {
  return { namespace, name }
}

function aContainer(over: Partial<Container> = {}): Container {
  return { name: 'app', image: 'porpulsion/hello', ports: [{ containerPort: 8080 }], ...over }
}

export function aPod(
  name: string,
  container: Partial<Container> = {},
  spec: Partial<PodSpec> = {},
): Pod {
  return {
    metadata: { name, namespace, labels: { app: name } },
    spec: { containers: [aContainer(container)], terminationGracePeriodSeconds: 5, ...spec },
  }
}

export function aDeployment(
  name: string,
  spec: Partial<DeploymentSpec> = {},
  container: Partial<Container> = {},
): Deployment {
  return {
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [aContainer(container)], terminationGracePeriodSeconds: 5 },
      },
      ...spec,
    },
  }
}

export function aClaim(
  name: string,
  spec: Partial<PersistentVolumeClaimSpec> = {},
): PersistentVolumeClaim {
  return {
    metadata: { name, namespace },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  }
}

/** A class whose volumes are directories; the default one unless its name says otherwise. */
export function aStorageClass(
  name = directoryClass,
  over: Partial<StorageClass> = {},
): StorageClass {
  const isDefault = name === directoryClass
  return {
    metadata: { name, ...(isDefault && { annotations: { [defaultClassAnnotation]: 'true' } }) },
    provisioner: directoryProvisioner,
    allowVolumeExpansion: true,
    ...over,
  }
}

/** What a pod's spec and its container say to have a claim at `/data`. */
export function mounting(claimName: string): {
  readonly container: Partial<Container>
  readonly spec: Partial<PodSpec>
} {
  return {
    container: { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
    spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] },
  }
}
