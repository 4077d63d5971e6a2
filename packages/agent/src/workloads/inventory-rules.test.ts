import type { Inventory } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { compareInventory, mayDeleteUnasked, type WantedApp } from './inventory-rules.ts'

const wants = (uid: string, change: Partial<WantedApp> = {}): WantedApp => ({
  uid,
  specHash: `spec-${uid}`,
  isDeleting: false,
  statusHash: `status-${uid}`,
  refusedUnder: undefined,
  ...change,
})

const hosts = (...apps: [uid: string, specHash?: string, statusHash?: string][]): Inventory => ({
  bootId: 'boot',
  policyRevision: 'rules-1',
  apps: apps.map(([uid, specHash = `spec-${uid}`, statusHash = `status-${uid}`]) => ({
    uid,
    generation: 1,
    specHash,
    statusHash,
  })),
})

test('where both sides agree, nothing is sent', () => {
  expect(compareInventory([wants('a'), wants('b')], hosts(['a'], ['b']))).toEqual({
    wanted: [],
    unknown: [],
    agreed: ['a', 'b'],
    toSubmit: [],
  })
})

test('what the host lacks or has otherwise is submitted', () => {
  const { toSubmit, agreed } = compareInventory([wants('a'), wants('b')], hosts(['b', 'other']))
  expect(toSubmit).toEqual(['a', 'b'])
  expect(agreed).toEqual([])
})

test('only a status that differs from the one at hand is asked for', () => {
  const inventory = hosts(['a'], ['b', 'spec-b', 'newer'], ['c'])
  expect(
    compareInventory([wants('a'), wants('b'), wants('c', { statusHash: undefined })], inventory)
      .wanted,
  ).toEqual(['b', 'c'])
})

test('an app nobody wants is named, one that is being deleted is not', () => {
  const difference = compareInventory([wants('b', { isDeleting: true })], hosts(['a'], ['b']))
  expect(difference).toEqual({ wanted: [], unknown: ['a'], agreed: [], toSubmit: [] })
})

test('what was refused is offered again only under other rules', () => {
  const refused = (revision: string): readonly string[] =>
    compareInventory([wants('a', { refusedUnder: revision })], hosts()).toSubmit
  expect(refused('rules-1')).toEqual([])
  expect(refused('rules-0')).toEqual(['a'])
})

test.each([
  [5, 5, true],
  [6, 6, false],
  [6, 29, false],
  [6, 30, true],
  [200, 1_000, true],
  [201, 1_000, false],
])('%i of %i apps absent at once: deleted without asking is %s', (gone, hosted, may) => {
  expect(mayDeleteUnasked(gone, hosted)).toBe(may)
})
