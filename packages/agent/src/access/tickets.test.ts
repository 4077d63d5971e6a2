import { FakeClock } from '@porpulsion/kube/testing'
import { expect, test } from 'vitest'
import { createMemoryDocumentStore } from '../documents/index.ts'
import { createTickets, TICKET_LIFE_MS, type Tickets } from './tickets.ts'

const web = { app: 'uid-1', port: 8080 }

const holder = 's0123456789ab'

async function aTicketOffice(store = createMemoryDocumentStore(), clock = new FakeClock()) {
  const ended = new Set<string>()
  const mayUseApps = (name: string): boolean => !ended.has(name)
  const tickets: Tickets = createTickets({ store, clock, mayUseApps })
  await tickets.start(new AbortController().signal)
  return { tickets, clock, store, ended }
}

test('a ticket opens what it was made for, and nothing else', async () => {
  const { tickets } = await aTicketOffice()
  const { text } = tickets.issue(web, 'url', holder)
  expect(tickets.holderOf(text, web, 'url')).toBe(holder)
  expect(tickets.holderOf(text, { ...web, port: 8081 }, 'url')).toBeUndefined()
  expect(tickets.holderOf(text, { ...web, app: 'uid-2' }, 'url')).toBeUndefined()
  expect(tickets.holderOf(text, web, 'cookie')).toBeUndefined()
})

test.each(['url', 'cookie'] as const)('a %s ticket ends with its time', async (purpose) => {
  const { tickets, clock } = await aTicketOffice()
  const { text, expiresAtMs } = tickets.issue(web, purpose, holder)
  expect(expiresAtMs).toBe(clock.now() + TICKET_LIFE_MS[purpose])
  await clock.advance(TICKET_LIFE_MS[purpose] - 1)
  expect(tickets.holderOf(text, web, purpose)).toBe(holder)
  await clock.advance(1)
  expect(tickets.holderOf(text, web, purpose)).toBeUndefined()
})

test('a ticket ends with the session or token in whose name it is', async () => {
  const { tickets, ended } = await aTicketOffice()
  const { text } = tickets.issue(web, 'url', holder)
  expect(tickets.holderOf(text, web, 'url')).toBe(holder)
  ended.add(holder)
  expect(tickets.holderOf(text, web, 'url')).toBeUndefined()
})

test('a ticket cannot be prolonged or made up', async () => {
  const { tickets } = await aTicketOffice()
  const [expires = '', , mac = ''] = tickets.issue(web, 'url', holder).text.split('.')
  const forged = [
    `${Number(expires) + 1}.${holder}.${mac}`,
    `${expires}.${holder}.${'A'.repeat(43)}`,
    `${expires}.t0123456789ab.${mac}`,
    `${expires}.${mac}`,
    mac,
    '',
    '.',
    'x.y',
  ]
  for (const text of forged) expect(tickets.holderOf(text, web, 'url')).toBeUndefined()
})

test('tickets hold over a restart, and not at another agent', async () => {
  const { tickets, store, clock } = await aTicketOffice()
  const { text } = tickets.issue(web, 'url', holder)
  const { tickets: restarted } = await aTicketOffice(store, clock)
  const { tickets: other } = await aTicketOffice(createMemoryDocumentStore(), clock)
  expect(restarted.holderOf(text, web, 'url')).toBe(holder)
  expect(other.holderOf(text, web, 'url')).toBeUndefined()
})

test('two agents that start together agree on one key', async () => {
  const store = createMemoryDocumentStore()
  const clock = new FakeClock()
  const [one, other] = [1, 2].map(() =>
    createTickets({ store, clock, mayUseApps: () => true }),
  ) as [Tickets, Tickets]
  const { signal } = new AbortController()
  await Promise.all([one.start(signal), other.start(signal)])
  expect(other.holderOf(one.issue(web, 'url', holder).text, web, 'url')).toBe(holder)
})

test('an empty key is refused, not used', async () => {
  await expect(aTicketOffice(createMemoryDocumentStore(''))).rejects.toMatchObject({
    code: 'RecordUnreadable',
  })
})
