import { FakeClock } from '@porpulsion/kube/testing'
import { expect, test } from 'vitest'
import { createMemoryDocumentStore } from '../documents/index.ts'
import { createTickets, TICKET_LIFE_MS, type Tickets } from './tickets.ts'

const web = { app: 'uid-1', port: 8080 }

async function aTicketOffice(store = createMemoryDocumentStore(), clock = new FakeClock()) {
  const tickets: Tickets = createTickets(store, clock)
  await tickets.start(new AbortController().signal)
  return { tickets, clock, store }
}

test('a ticket opens what it was made for, and nothing else', async () => {
  const { tickets } = await aTicketOffice()
  const { text } = tickets.issue(web, 'url')
  expect(tickets.isValid(text, web, 'url')).toBe(true)
  expect(tickets.isValid(text, { ...web, port: 8081 }, 'url')).toBe(false)
  expect(tickets.isValid(text, { ...web, app: 'uid-2' }, 'url')).toBe(false)
  expect(tickets.isValid(text, web, 'cookie')).toBe(false)
})

test.each(['url', 'cookie'] as const)('a %s ticket ends with its time', async (purpose) => {
  const { tickets, clock } = await aTicketOffice()
  const { text, expiresAtMs } = tickets.issue(web, purpose)
  expect(expiresAtMs).toBe(clock.now() + TICKET_LIFE_MS[purpose])
  await clock.advance(TICKET_LIFE_MS[purpose] - 1)
  expect(tickets.isValid(text, web, purpose)).toBe(true)
  await clock.advance(1)
  expect(tickets.isValid(text, web, purpose)).toBe(false)
})

test('a ticket cannot be prolonged or made up', async () => {
  const { tickets } = await aTicketOffice()
  const [expires = '', mac = ''] = tickets.issue(web, 'url').text.split('.')
  const forged = [
    `${Number(expires) + 1}.${mac}`,
    `${expires}.${'A'.repeat(43)}`,
    mac,
    '',
    '.',
    'x.y',
  ]
  for (const text of forged) expect(tickets.isValid(text, web, 'url')).toBe(false)
})

test('tickets hold over a restart, and not at another agent', async () => {
  const { tickets, store, clock } = await aTicketOffice()
  const { text } = tickets.issue(web, 'url')
  const { tickets: restarted } = await aTicketOffice(store, clock)
  const { tickets: other } = await aTicketOffice(createMemoryDocumentStore(), clock)
  expect(restarted.isValid(text, web, 'url')).toBe(true)
  expect(other.isValid(text, web, 'url')).toBe(false)
})

test('two agents that start together agree on one key', async () => {
  const store = createMemoryDocumentStore()
  const clock = new FakeClock()
  const [one, other] = [createTickets(store, clock), createTickets(store, clock)]
  const { signal } = new AbortController()
  await Promise.all([one.start(signal), other.start(signal)])
  expect(other.isValid(one.issue(web, 'url').text, web, 'url')).toBe(true)
})

test('an empty key is refused, not used', async () => {
  await expect(aTicketOffice(createMemoryDocumentStore(''))).rejects.toMatchObject({
    code: 'RecordUnreadable',
  })
})
