import type { ApiEvent } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { createEventFeed, type EventFeed, type FeedEvent } from './event-feed.ts'

const changed = (kind: 'Settings' | 'Tokens' | 'Invites' | 'Status'): ApiEvent => ({
  type: 'changed',
  kind,
})

function listen(feed: EventFeed, lastEventId?: string) {
  const events: FeedEvent[] = []
  return { events, ...feed.subscribe(lastEventId, (event) => events.push(event)) }
}

test('who listens hears everything from now on, until they stop', () => {
  const feed = createEventFeed()
  feed.publish(changed('Status'))
  const { events, missed, unsubscribe } = listen(feed)
  expect(missed).toEqual([])
  feed.publish(changed('Settings'))
  unsubscribe()
  feed.publish(changed('Tokens'))
  expect(events.map(({ data }) => data)).toEqual(['{"type":"changed","kind":"Settings"}'])
})

test('who was away hears what they missed, exactly', () => {
  const feed = createEventFeed()
  const { events } = listen(feed)
  for (const kind of ['Status', 'Settings', 'Tokens'] as const) feed.publish(changed(kind))
  expect(listen(feed, events[0]?.id).missed).toEqual(events.slice(1))
  expect(listen(feed, events[2]?.id).missed).toEqual([])
})

test('the position of one who heard nothing resumes too', () => {
  const feed = createEventFeed()
  const { position } = listen(feed)
  feed.publish(changed('Status'))
  expect(listen(feed, position).missed).toHaveLength(1)
})

test.each(['', 'nonsense', '-1', 'ffffffffffff-1'])(
  'what was missed since %j is not known',
  (id) => {
    const feed = createEventFeed()
    feed.publish(changed('Status'))
    expect(listen(feed, id).missed).toBeUndefined()
  },
)

test('an id from the future, or from before a restart, is not known', () => {
  const feed = createEventFeed()
  const { position } = listen(feed)
  expect(listen(feed, position.replace(/0$/, '5')).missed).toBeUndefined()
  expect(listen(createEventFeed(), position).missed).toBeUndefined()
})

test('only so many, and so large, events are kept', () => {
  const few = createEventFeed({ size: 10 })
  const { position } = listen(few)
  for (let i = 0; i < 1_000; i++) few.publish(changed('Status'))
  const { position: now } = listen(few)
  const since = (back: number) => listen(few, now.replace('1000', String(1_000 - back))).missed
  expect(since(10)).toHaveLength(10)
  expect(since(25)).toBeUndefined()
  expect(listen(few, position).missed).toBeUndefined()

  const small = createEventFeed({ bytes: 1_000 })
  const { position: start } = listen(small)
  for (let i = 0; i < 1_000; i++) small.publish(changed('Status'))
  expect(listen(small, start).missed).toBeUndefined()
})

test('what is of the moment goes to those who listen now, without an id, and to nobody later', () => {
  const feed = createEventFeed()
  const figures: ApiEvent = { type: 'links', links: [] }
  feed.tell(figures)
  const { events, position } = listen(feed)
  feed.tell(figures)
  expect(events).toEqual([{ data: '{"type":"links","links":[]}' }])
  expect(listen(feed, position)).toMatchObject({ missed: [], position })
})

test('it says whether anybody listens, and when somebody comes', () => {
  const feed = createEventFeed()
  let arrivals = 0
  feed.onArrival(() => arrivals++)
  expect(feed.isHeard()).toBe(false)
  const { unsubscribe } = listen(feed)
  listen(feed).unsubscribe()
  expect([feed.isHeard(), arrivals]).toEqual([true, 2])
  unsubscribe()
  expect(feed.isHeard()).toBe(false)
})
