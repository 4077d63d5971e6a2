import type { Notification, Peer } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { troublesOf } from './peer-troubles.ts'

const aPeer = (status: Partial<NonNullable<Peer['status']>>): Peer => ({
  apiVersion: 'porpulsion.io/v1alpha1',
  kind: 'Peer',
  metadata: { name: 'b' },
  spec: { caCertificate: '', confirmed: true },
  status: { link: 'Connected', conditions: [], ...status },
})
const told = (reason: string, extra: Partial<Notification> = {}): Notification => ({
  id: reason,
  time: '2030-01-01T12:00:00Z',
  reason,
  message: 'The clock of peer "b" is 40 minutes ahead of ours',
  severity: 'warning',
  about: { kind: 'Peer', name: 'b' },
  count: 1,
  ...extra,
})

test('a wrong clock is shown with what to do', () => {
  expect(troublesOf(aPeer({}), [told('ClockDiffers')])).toEqual([
    {
      id: 'ClockDiffers',
      title: 'The two clocks differ',
      text: 'The clock of peer "b" is 40 minutes ahead of ours',
      since: '2030-01-01T12:00:00Z',
      todo: expect.stringContaining('Set the clocks') as string,
    },
  ])
})

test('what is over, was seen, or is about somebody else is no trouble of this peer', () => {
  const others = [
    told('ClockDiffers', { resolvedAt: '2030-01-01T13:00:00Z' }),
    told('ClockDiffers', { acknowledgedAt: '2030-01-01T13:00:00Z' }),
    told('ClockDiffers', { about: { kind: 'Peer', name: 'c' } }),
  ]
  expect(troublesOf(aPeer({}), others)).toEqual([])
})

test('a link that is down says why itself, and not twice', () => {
  const down = aPeer({ link: 'Disconnected', linkMessage: 'Nothing answers at its URL' })
  expect(troublesOf(down, [told('LinkLost')])).toMatchObject([
    { id: 'link', text: expect.stringContaining('Nothing answers at its URL. Apps') as string },
  ])
})

test('a reason this page does not know is shown as it came', () => {
  expect(troublesOf(aPeer({}), [told('FromTheFuture')])).toMatchObject([{ title: 'FromTheFuture' }])
})
