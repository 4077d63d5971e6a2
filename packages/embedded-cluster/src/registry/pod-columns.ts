/** What `kubectl get pods` shows: of all that is known about a pod, the most telling word. */
import { numberAt, objectAt, objectsAt, stringAt } from './fields.ts'
import { ageOf } from './human-duration.ts'
import { isObject, type JsonObject } from './json.ts'
import type { Stored } from './registry.ts'
import { age, tableOf, text, wide } from './table-columns.ts'

export const podColumns = tableOf(
  text('Ready', (pod) => {
    const ready = statusesOf(pod).filter((status) => status['ready'] === true).length
    return `${ready}/${objectsAt(pod, 'spec', 'containers').length}`
  }),
  text('Status', podStatus),
  text('Restarts', podRestarts),
  age,
  wide(text('IP', (pod) => stringAt(pod, 'status', 'podIP') ?? '<none>')),
  wide(text('Node', (pod) => stringAt(pod, 'spec', 'nodeName') ?? '<none>')),
  wide(text('Nominated Node', () => '<none>')),
  wide(text('Readiness Gates', () => '<none>')),
)

function podStatus(pod: Stored): string {
  const phase = stringAt(pod, 'status', 'phase') ?? ''
  const isOver = phase === 'Succeeded' || phase === 'Failed'
  if (pod.metadata.deletionTimestamp !== undefined && !isOver) return 'Terminating'
  const reason = initReason(pod) ?? containersReason(pod)
  return reason ?? stringAt(pod, 'status', 'reason') ?? phase
}

/** How far the init containers are, or what keeps them; undefined once all are done. */
function initReason(pod: Stored): string | undefined {
  const statuses = initStatusesOf(pod)
  const index = statuses.findIndex((status) => !isDone(status))
  if (index < 0) return undefined
  const reason = reasonOf(statuses[index])
  const isPlain = reason === undefined || reason === 'PodInitializing'
  const count = objectsAt(pod, 'spec', 'initContainers').length
  return `Init:${isPlain ? `${index}/${count}` : reason}`
}

/** Of several containers in trouble the first; one that runs outweighs those that are done. */
function containersReason(pod: Stored): string | undefined {
  const statuses = statusesOf(pod)
  const reason = statuses.map(reasonOf).find((one) => one !== undefined)
  const isServing = statuses.some((status) => status['ready'] === true && isRunning(status))
  if (reason !== 'Completed' || !isServing) return reason
  const ready = objectsAt(pod, 'status', 'conditions').find(({ type }) => type === 'Ready')
  return ready?.['status'] === 'True' ? 'Running' : 'NotReady'
}

function reasonOf(status: JsonObject | undefined): string | undefined {
  const waiting = stringAt(status, 'state', 'waiting', 'reason')
  if (waiting !== undefined && waiting !== '') return waiting
  const terminated = objectAt(status, 'state')['terminated']
  if (terminated === undefined) return undefined
  const reason = stringAt(terminated, 'reason') ?? ''
  return reason === '' ? `ExitCode:${numberAt(terminated, 'exitCode') ?? 0}` : reason
}

/** Those of the containers whose turn it is. */
function podRestarts(pod: Stored, nowMs: number): string {
  const init = initStatusesOf(pod)
  const statuses = init.every(isDone) ? statusesOf(pod) : init
  const restarts = statuses.reduce(
    (sum, status) => sum + (numberAt(status, 'restartCount') ?? 0),
    0,
  )
  const last = statuses
    .map((status) => stringAt(status, 'lastState', 'terminated', 'finishedAt') ?? '')
    .sort()
    .at(-1)
  if (restarts === 0 || last === undefined || last === '') return String(restarts)
  return `${restarts} (${ageOf(last, nowMs)} ago)`
}

function statusesOf(pod: Stored): readonly JsonObject[] {
  return objectsAt(pod, 'status', 'containerStatuses')
}

function initStatusesOf(pod: Stored): readonly JsonObject[] {
  return objectsAt(pod, 'status', 'initContainerStatuses')
}

function isDone(status: JsonObject): boolean {
  return numberAt(status, 'state', 'terminated', 'exitCode') === 0
}

function isRunning(status: JsonObject): boolean {
  return isObject(objectAt(status, 'state')['running'])
}
