import { systemRandom, WorkQueue } from '@porpulsion/kube'
import { isReason } from '../registry/api-error.ts'
import type { WorkloadDeps } from '../registry/ports.ts'
import type { ObjectKey, StopWatch, Stored } from '../registry/registry.ts'

export interface RegistryControllerOptions {
  readonly name: string
  /** Starts to watch what makes a key worth a look. */
  readonly watch: (enqueue: (key: string) => void) => readonly StopWatch[]
  /**
   * Level-triggered: reads what it needs, and is called again after whatever it throws. The result is the time after
   * which to look again even if nothing happens.
   */
  readonly reconcile: (key: string) => Promise<number | undefined>
}

/** A queue of keys between a watch and a function that makes things right for one key. */
export class RegistryController {
  readonly #options: RegistryControllerOptions
  readonly #queue: WorkQueue
  #stopWatches: readonly StopWatch[] = []

  constructor({ clock, logger }: WorkloadDeps, options: RegistryControllerOptions) {
    this.#options = options
    this.#queue = new WorkQueue(
      {
        clock,
        random: systemRandom,
        report: (report) =>
          logger.warn({ ...report, controller: options.name }, 'Controller had to try again'),
      },
      {
        name: options.name,
        process: async (key) => {
          const requeueAfterMs = await options.reconcile(key)
          return requeueAfterMs === undefined ? undefined : { requeueAfterMs }
        },
        // Somebody else was faster: reading again is all there is to do.
        isExpected: (error) => isReason(error, 'Conflict', 'AlreadyExists', 'NotFound'),
        backoff: { minMs: 20, maxMs: 30_000 },
      },
    )
  }

  start(): void {
    this.#queue.start()
    this.#stopWatches = this.#options.watch((key) => this.#queue.add(key))
  }

  stop(): Promise<void> {
    for (const stopWatch of this.#stopWatches) stopWatch()
    return this.#queue.stop()
  }
}

/** `namespace/name`, or `name`: what a queue knows of an object. */
export function keyOf({ metadata: { namespace, name } }: Pick<Stored, 'metadata'>): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}

export function objectKey(key: string): ObjectKey {
  const [first = '', second] = key.split('/')
  return second === undefined ? { name: first } : { namespace: first, name: second }
}
