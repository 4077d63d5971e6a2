import type { Peer, PeerStatus } from '@porpulsion/contract'
import { expect, test } from 'vitest'
import { isUsable, linkWords, trustOf } from './link-words.ts'

const aPeer = (status: Partial<PeerStatus>, confirmed = true): Peer => ({
  apiVersion: 'porpulsion.io/v1alpha1',
  kind: 'Peer',
  metadata: { name: 'b' },
  spec: { caCertificate: '', confirmed },
  status: { link: 'Connected', conditions: [], ...status },
})

test('a link over wss is green, over ws yellow', () => {
  expect(linkWords(aPeer({ transport: 'wss' }))).toMatchObject({
    tone: 'good',
    label: 'Connected · wss',
  })
  expect(linkWords(aPeer({ transport: 'ws' }))).toMatchObject({
    tone: 'warn',
    label: 'Connected · ws',
  })
})

test('a peer that was never dialled yet is being connected', () => {
  const { status: _none, ...fresh } = aPeer({})
  expect(linkWords(fresh)).toEqual({ tone: 'busy', label: 'Connecting', pulses: true })
})

test('a link that went down does not show what it went over', () => {
  expect(linkWords(aPeer({ link: 'Disconnected', transport: 'wss' }))).toMatchObject({
    tone: 'bad',
    label: 'Disconnected',
  })
})

test('trust needs both operators', () => {
  expect(trustOf(aPeer({}, false))).toBe('awaits-us')
  expect(trustOf(aPeer({ confirmedByPeer: false }))).toBe('awaits-them')
  expect(trustOf(aPeer({ confirmedByPeer: true }))).toBe('both')
})

test('a link is of use only while it is up and both trust it', () => {
  expect(isUsable(aPeer({ confirmedByPeer: true }))).toBe(true)
  expect(isUsable(aPeer({ confirmedByPeer: false }))).toBe(false)
  expect(isUsable(aPeer({ link: 'Disconnected', confirmedByPeer: true }))).toBe(false)
})
