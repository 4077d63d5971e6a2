import { expect, test } from 'vitest'
import { aPod, inDefault, namespace } from '../../test/support/builders.ts'
import { aRegistry, ManualClock, quiet } from '../../test/test-registry.ts'
import { Kinds } from '../registry/kinds.ts'
import { EventRecorder } from './event-recorder.ts'

async function recording() {
  const clock = new ManualClock()
  const registry = await aRegistry(clock)
  const pod = await registry.create(Kinds.Pod, aPod('web'))
  const recorder = new EventRecorder(
    { registry, clock, logger: quiet },
    { component: 'kubelet', host: 'node' },
  )
  const events = () => registry.list(Kinds.Event, { namespace }).items
  return { clock, registry, pod, recorder, events }
}

const killing = { type: 'Normal', reason: 'Killing', message: 'Stopping container app' } as const

test('an event names the object, its source and when it happened', async () => {
  const { pod, recorder, events } = await recording()
  recorder.record(pod, { ...killing, fieldPath: 'spec.containers{app}' })
  await recorder.flush()
  expect(events()).toMatchObject([
    {
      type: 'Normal',
      reason: 'Killing',
      count: 1,
      involvedObject: {
        kind: 'Pod',
        name: 'web',
        uid: pod.metadata.uid,
        fieldPath: 'spec.containers{app}',
      },
      source: { component: 'kubelet', host: 'node' },
      firstTimestamp: '2030-01-02T03:04:05Z',
    },
  ])
})

test('the same again is counted, not told again', async () => {
  const { clock, pod, recorder, events } = await recording()
  for (let times = 0; times < 3; times++) {
    recorder.record(pod, killing)
    clock.advance(60_000)
  }
  await recorder.flush()
  expect(events()).toHaveLength(1)
  expect(events()[0]).toMatchObject({ count: 3 })
})

test('another message is another event, and a counted one that was deleted is told anew', async () => {
  const { pod, registry, recorder, events } = await recording()
  recorder.record(pod, killing)
  recorder.record(pod, { ...killing, message: 'Stopping container other' })
  await recorder.flush()
  expect(events()).toHaveLength(2)
  await registry.delete(Kinds.Event, inDefault(events()[0]!.metadata.name))
  recorder.record(pod, killing)
  await recorder.flush()
  expect(events()).toHaveLength(2)
})
