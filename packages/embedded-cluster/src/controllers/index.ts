/**
 * The controllers of the embedded cluster: they make what the API objects ask for out of other API objects. They know
 * the registry and nothing of how pods are run or how clients reach the API.
 */
import { EventRecorder } from '../events/event-recorder.ts'
import type { StartControllers } from '../registry/ports.ts'
import { claimController } from './claim-controller.ts'
import { deploymentController } from './deployment-controller.ts'
import { endpointSliceController } from './endpointslice-controller.ts'
import { EventCleaner } from './event-cleaner.ts'
import { garbageCollector } from './garbage-collector.ts'
import { namespaceController } from './namespace-controller.ts'
import { quotaController } from './quota-controller.ts'
import { replicaSetController } from './replicaset-controller.ts'
import { volumeController } from './volume-controller.ts'

export const startControllers: StartControllers = (deps) => {
  const recorder = (component: string): EventRecorder => new EventRecorder(deps, { component })
  const recorders = [
    recorder('deployment-controller'),
    recorder('replicaset-controller'),
    recorder('persistentvolume-controller'),
  ] as const
  const [deploymentEvents, replicaSetEvents, volumeEvents] = recorders
  const parts = [
    namespaceController(deps),
    deploymentController({ ...deps, events: deploymentEvents }),
    replicaSetController({ ...deps, events: replicaSetEvents }),
    endpointSliceController(deps),
    claimController({ ...deps, events: volumeEvents }),
    volumeController({ ...deps, events: volumeEvents }),
    quotaController(deps),
    garbageCollector(deps),
    new EventCleaner(deps),
  ]
  for (const part of parts) part.start()
  return Promise.resolve({
    async stop() {
      await Promise.all(parts.map((part) => part.stop()))
      await Promise.all(recorders.map((one) => one.flush()))
    },
  })
}
