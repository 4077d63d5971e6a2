import { describe, expect, onTestFinished, test } from 'vitest'
import { EventRecorder, type KubeEvent, type KubeObject, type Stored } from '../src/index.ts'
import { evenRandom, FakeClock } from '../src/testing.ts'
import {
  json,
  scriptedServer,
  status,
  type Exchange,
  type ScriptedServer,
} from './scripted-server.ts'
import { aClient, Reports } from './support.ts'

const app: Stored<KubeObject> = {
  apiVersion: 'porpulsion.io/v1alpha1',
  kind: 'RemoteApp',
  metadata: {
    namespace: 'apps',
    name: 'web',
    uid: 'u1',
    resourceVersion: '5',
    creationTimestamp: '2030-01-01T00:00:00Z',
  },
}
const refused = {
  type: 'Warning',
  reason: 'ImageBlocked',
  message: 'Image nginx is blocked',
} as const

async function aRecorder(): Promise<{
  recorder: EventRecorder
  clock: FakeClock
  server: ScriptedServer
  reports: Reports
}> {
  const clock = new FakeClock(Date.UTC(2030, 0, 1, 12))
  const server = await scriptedServer()
  server.otherwise((exchange) => json(stored(exchange))(exchange))
  const reports = new Reports()
  const recorder = new EventRecorder(
    {
      client: aClient(server.connection, clock),
      clock,
      random: evenRandom,
      report: reports.sink,
    },
    { component: 'porpulsion-agent', instance: 'agent-0' },
  )
  onTestFinished(async () => {
    server.otherwise(status(404, 'NotFound'))
    await recorder.stop()
  })
  return { recorder, clock, server, reports }
}

/** As a server answers: what was sent, with metadata. */
function stored({ body, path }: Exchange): object {
  const sent = JSON.parse(body) as KubeEvent
  return {
    ...sent,
    metadata: { namespace: 'apps', name: path.split('/').at(-1), ...sent.metadata },
  }
}

const sent = (exchange: Exchange | undefined): KubeEvent =>
  JSON.parse(exchange?.body ?? '{}') as KubeEvent

describe('telling', () => {
  test('an event names its object, its author and its time', async () => {
    const { recorder, server, clock } = await aRecorder()
    recorder.record(app, refused)
    await clock.advance(0)
    const [exchange] = await server.received(1)

    expect(exchange?.method).toBe('POST')
    expect(exchange?.path).toBe('/api/v1/namespaces/apps/events')
    expect(sent(exchange)).toMatchObject({
      involvedObject: {
        apiVersion: 'porpulsion.io/v1alpha1',
        kind: 'RemoteApp',
        namespace: 'apps',
        name: 'web',
        uid: 'u1',
      },
      type: 'Warning',
      reason: 'ImageBlocked',
      message: 'Image nginx is blocked',
      source: { component: 'porpulsion-agent' },
      reportingInstance: 'agent-0',
      firstTimestamp: '2030-01-01T12:00:00Z',
      count: 1,
    })
    expect(sent(exchange).metadata.name).toMatch(/^web\.[0-9a-f]+$/)
  })

  test('an event of a cluster-scoped object is kept in the default namespace', async () => {
    const { recorder, server, clock } = await aRecorder()
    const { namespace: _, ...metadata } = app.metadata
    recorder.record({ ...app, metadata }, refused)
    await clock.advance(0)
    const [exchange] = await server.received(1)

    expect(exchange?.path).toBe('/api/v1/namespaces/default/events')
    expect(sent(exchange).involvedObject).not.toHaveProperty('namespace')
  })

  test('the same again is counted on the first one, and not written at every turn', async () => {
    const { recorder, server, clock } = await aRecorder()
    recorder.record(app, refused)
    await clock.advance(0)
    await server.received(1)
    await clock.whenQuiet()
    for (let times = 0; times < 1_000; times++) recorder.record(app, refused)
    recorder.record(app, { ...refused, message: 'Image redis is blocked' })
    await clock.whenWaiting(10_000)
    await clock.advance(9_999)
    expect(server.exchanges).toHaveLength(1)
    await clock.advance(1)
    const [first, second] = await server.received(2)

    expect(second?.method).toBe('PATCH')
    expect(second?.path).toBe(`/api/v1/namespaces/apps/events/${sent(first).metadata.name ?? ''}`)
    expect(sent(second)).toEqual({
      count: 1_002,
      lastTimestamp: '2030-01-01T12:00:00Z',
      message: 'Image redis is blocked',
    })
  })

  test('another reason, or another object, is another event', async () => {
    const { recorder, server, clock } = await aRecorder()
    recorder.record(app, refused)
    recorder.record(app, { ...refused, reason: 'TooManyReplicas' })
    recorder.record({ ...app, metadata: { ...app.metadata, uid: 'u2' } }, refused)
    await clock.advance(0)
    const exchanges = await server.received(3)

    expect(exchanges.map(({ method }) => method)).toEqual(['POST', 'POST', 'POST'])
  })

  test('an event that the server forgot in the meantime is made anew, with its count', async () => {
    const { recorder, server, clock } = await aRecorder()
    recorder.record(app, refused)
    await clock.advance(0)
    await clock.whenQuiet()
    server.script(status(404, 'NotFound'))
    await clock.advance(3_600_000)
    recorder.record(app, refused)
    await clock.advance(0)
    const exchanges = await server.received(3)

    expect(exchanges.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'POST'])
    expect(sent(exchanges[2])).toMatchObject({ count: 2, firstTimestamp: '2030-01-01T12:00:00Z' })
  })
})

describe('bounds', () => {
  test('a server that is away is tried a few times, and the loss is reported once', async () => {
    const { recorder, server, clock, reports } = await aRecorder()
    server.otherwise(status(503, 'ServiceUnavailable'))
    recorder.record(app, refused)
    await clock.advance(0)
    for (const delayMs of [200, 400, 800]) {
      await clock.whenWaiting(delayMs)
      await clock.advance(delayMs)
    }
    await reports.next('event-dropped')

    expect(server.exchanges).toHaveLength(4)
    expect(reports.all).toMatchObject([{ kind: 'event-dropped', reason: 'ImageBlocked' }])
  })

  test('what can never be written is not tried again', async () => {
    const { recorder, server, clock, reports } = await aRecorder()
    server.otherwise(status(403, 'Forbidden'))
    recorder.record(app, refused)
    await clock.advance(0)
    await reports.next('event-dropped')

    expect(server.exchanges).toHaveLength(1)
  })

  test('of too many kinds of events at once the oldest are lost, and reported', async () => {
    const { recorder, reports } = await aRecorder()
    for (let number = 0; number < 1_030; number++)
      recorder.record(app, { ...refused, reason: `Reason${number}` })

    expect(reports.of('event-dropped').map(({ reason }) => reason)).toEqual(
      Array.from({ length: 6 }, (_, number) => `Reason${number}`),
    )
  })

  test('stopping writes what is waiting', async () => {
    const { recorder, server, clock } = await aRecorder()
    recorder.record(app, refused)
    await clock.advance(0)
    await server.received(1)
    recorder.record(app, refused)
    await recorder.stop()

    expect(sent(server.exchanges[1])).toMatchObject({ count: 2 })
  })

  test('stopping does not wait for a server that does not answer', async () => {
    const { recorder, server, clock } = await aRecorder()
    server.otherwise(() => undefined)
    recorder.record(app, refused)
    await clock.advance(0)
    await server.received(1)
    const stopped = recorder.stop()
    await clock.advance(3_000)
    await clock.advance(6_000)
    await stopped
  })
})
